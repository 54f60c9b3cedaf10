/** The server: one process on Node's http. Every request passes the same checks in the same order, then goes to the page's files or to a route. */
import { setMaxListeners } from "node:events";
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { WebSocketServer } from "ws";
import { FloeError } from "../errors.ts";
import type { Account } from "./account.ts";
import type { Serve } from "./context.ts";
import { readJson, refuseUpgrade, sendError, sendJson } from "./http.ts";
import type { Session } from "./protocol.ts";
import { RefusedError, statusOf, toRefusal } from "./refused.ts";
import type { Exchange, Route } from "./router.ts";
import { checkHost, checkOrigin, type ServedNames, securityHeaders } from "./security.ts";
import type { Visitor } from "./session.ts";
import { beginEvents } from "./sse.ts";
import { type StaticFiles, sendStatic } from "./static.ts";
import { findRoute, localPath, requireAllowed, targetOf } from "./target.ts";
import { upgrade } from "./upgrade.ts";

export interface ServerOptions {
  readonly serve: Serve;
  readonly routes: readonly Route[];
  readonly files: StaticFiles;
  readonly account: Account;
  readonly names: ServedNames;
  /** Begins and ends with a slash. */
  readonly basePath: string;
  /** Told what is a mistake of floe's, and nobody else. */
  readonly onBug: (error: unknown) => void;
}

export interface TlsKeys {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** Limits of the server itself. */
const limits = { connections: 512, streams: 128, messageBytes: 1024 * 1024 } as const;

/** A socket on which nothing is sent for as long is dropped. Streams have a heartbeat; a look at a host on a slow line takes its time. */
const silentMs = 150_000;

/** Not listening yet, and answering nothing: `answer` comes when the port is known. */
export function createServer(tls: TlsKeys | undefined): Server {
  const options = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: 2_000,
  };
  const server = tls === undefined ? createHttp(options) : createHttps({ ...options, ...tls, minVersion: "TLSv1.2" });
  server.maxConnections = limits.connections;
  server.setTimeout(silentMs);
  return server;
}

/** Answers requests from now on. `close` ends every stream; requests that are being answered are finished. */
export function answer(server: Server, options: ServerOptions): { close(): Promise<void> } {
  const state: State = {
    streams: new Set(),
    sockets: new WebSocketServer({ noServer: true, maxPayload: limits.messageBytes }),
  };
  server.on("request", (request, response) => {
    handle(request, response, options, state).catch((error: unknown) => {
      if (!(error instanceof FloeError)) options.onBug(error);
      sendError(response, error);
    });
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    upgrade(request, socket, head, options, state.sockets).catch((error: unknown) => {
      if (!(error instanceof FloeError)) options.onBug(error);
      refuseUpgrade(socket, error);
    });
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const status = clientErrors[error.code ?? ""] ?? "400 Bad Request";
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });
  return {
    close: () =>
      new Promise((resolve) => {
        for (const end of state.streams) end();
        for (const client of state.sockets.clients) client.close(1001, "floe serve ends");
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => {
          for (const client of state.sockets.clients) client.terminate();
          server.closeAllConnections();
        }, 2000).unref();
      }),
  };
}

// --- internal ---

/** What Node says of requests that are none. */
const clientErrors: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

interface State {
  /** Ends each open stream of events. */
  readonly streams: Set<() => void>;
  readonly sockets: WebSocketServer;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
  state: State,
): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders(request.headers.host))) response.setHeader(name, value);
  checkHost(request.headers, options.names, request.socket.localAddress);
  const { path, query } = targetOf(request);
  const { basePath } = options;
  if (`${path}/` === basePath) {
    response.writeHead(308, { Location: basePath }).end();
    return;
  }
  const local = localPath(path, basePath);
  const token = query.get("token");
  if (local === "/" && token !== null && request.method === "GET") return followLink(token, request, response, options);
  if (local.startsWith("/api/")) return handleApi(request, response, { local, query }, options, state);
  sendStatic(options.files, local, request, response);
}

/** Where the link does not work, a person sees the page, which says how to get in. */
function followLink(
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  { account, files }: ServerOptions,
): void {
  try {
    account.followLink(request, response, token);
  } catch (error) {
    if (!(error instanceof FloeError) || !/text\/html/.test(request.headers.accept ?? "")) throw error;
    sendStatic(files, "/", request, response, statusOf(error));
  }
}

interface Target {
  readonly local: string;
  readonly query: URLSearchParams;
}

async function handleApi(
  request: IncomingMessage,
  response: ServerResponse,
  { local, query }: Target,
  options: ServerOptions,
  state: State,
): Promise<void> {
  const { account, serve, routes } = options;
  const method = request.method ?? "GET";
  const isChange = method !== "GET" && method !== "HEAD";
  checkOrigin(request.headers, { isChange });
  if (local === "/api/login" && method === "POST") {
    account.logIn(request, response, await readJson(request, 4096));
    return sendJson(response, 200, {});
  }
  const visitor = account.visitor(request);
  if (isChange) account.requireCsrf(request, visitor);
  if (local === "/api/session" && !isChange) return sendJson(response, 200, sessionOf(visitor, serve));
  if (local === "/api/logout" && method === "POST") {
    account.logOut(response, visitor);
    return sendJson(response, 200, {});
  }
  const { route, params } = findRoute(routes, method === "HEAD" ? "GET" : method, local, response);
  requireAllowed(route, serve);
  if (route.kind === "events" && method === "HEAD")
    throw new RefusedError(405, "METHOD", "A stream has no end to tell of");
  if (route.kind === "socket") throw new RefusedError(426, "UPGRADE", "This is asked for as a WebSocket");
  const exchange: Exchange = {
    params,
    query,
    body: isChange ? await readJson(request, route.maxBody) : undefined,
    user: visitor.user,
    serve,
    signal: goneSignal(response, serve.signal),
  };
  if (route.kind === "json") return sendJson(response, 200, await route.handle(exchange));
  await stream(route.handle, exchange, response, { ...state, onBug: options.onBug });
}

function sessionOf({ user, csrf }: Visitor, { version, root, readOnly, describe }: Serve): Session {
  return { version, root, readOnly, user, csrf, ...describe() };
}

async function stream(
  handler: Extract<Route, { kind: "events" }>["handle"],
  exchange: Exchange,
  response: ServerResponse,
  { streams, onBug }: Pick<State, "streams"> & Pick<ServerOptions, "onBug">,
): Promise<void> {
  if (streams.size >= limits.streams) throw new RefusedError(503, "TOO_MANY", "Too many pages are open");
  const controller = new AbortController();
  const signal = AbortSignal.any([exchange.signal, controller.signal]);
  const end = (): void => controller.abort();
  streams.add(end);
  const out = beginEvents(response);
  try {
    await handler({ ...exchange, ...out, signal });
  } catch (error) {
    if (!signal.aborted) {
      // Nothing was sent yet: it is refused as any request.
      if (!out.isOpen()) throw error;
      if (!(error instanceof FloeError)) onBug(error);
      out.send("failure", toRefusal(error));
    }
  } finally {
    streams.delete(end);
  }
  out.end();
}

function goneSignal(response: ServerResponse, server: AbortSignal): AbortSignal {
  const controller = new AbortController();
  response.on("close", () => controller.abort());
  const signal = AbortSignal.any([controller.signal, server]);
  setMaxListeners(0, signal);
  return signal;
}
