/** The connection to one Incus server. Only this file and https-transport.ts open it; what is sent over it is none of its business. */
import http from "node:http";
import net from "node:net";
import type { Writable } from "node:stream";
import type { ClientOptions, WebSocket } from "ws";
import { CancelledError, type FloeError, IncusError } from "../errors.ts";
import { socketFailure } from "./socket.ts";

/** A body that is written as it is read from elsewhere. `length` in bytes is known beforehand. */
export interface StreamedBody {
  readonly length: number;
  write(out: Writable): Promise<void>;
}

export interface TransportRequest {
  /** What is being done, for messages: `create the instance "web"`. */
  readonly what: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | StreamedBody | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Transport {
  /** The socket or URL, for messages. */
  readonly address: string;
  readonly isLocal: boolean;
  /**
   * Resolves with the answer when its head is there.
   * @throws CancelledError, MissingError, IncusError with status 0
   */
  send(request: TransportRequest): Promise<http.IncomingMessage>;
  /** A websocket that is not open yet. `answersPings`: see exec-stream.ts for when not to. */
  openWebSocket(path: string, options?: { readonly answersPings?: boolean }): Promise<WebSocket>;
  close(): void;
}

/** Incus on this machine. */
export function unixTransport(socketPath: string): Transport {
  return transport({
    address: socketPath,
    isLocal: true,
    agent: new http.Agent({ keepAlive: true }),
    // No name for TLS is needed here; without a word on it Node would make one of the Host header, for which it compiles a large pattern.
    request: (options) => http.request({ ...options, socketPath, servername: "" } as http.RequestOptions),
    webSocketUrl: "ws://incus",
    // A function instead of a ws+unix URL: such a URL cannot hold every path.
    webSocketOptions: { createConnection: () => net.connect(socketPath) },
    failure: (what, cause) => socketFailure(socketPath, what, cause),
  });
}

/**
 * Reads an answer's body to its end.
 * @throws CancelledError, IncusError with status 0
 */
export async function readAll(
  response: http.IncomingMessage,
  request: Pick<TransportRequest, "what" | "signal">,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (cause) {
    if (request.signal?.aborted) throw cancelled(request.what);
    throw new IncusError(`Cannot ${request.what}: the answer broke off: ${(cause as Error).message}`, { cause });
  }
  return Buffer.concat(chunks);
}

/** What differs between the ways to a server. */
export interface Endpoint {
  readonly address: string;
  readonly isLocal: boolean;
  readonly agent: http.Agent;
  request(options: http.RequestOptions): http.ClientRequest;
  readonly webSocketUrl: string;
  readonly webSocketOptions: object;
  failure(what: string, cause: unknown): FloeError;
}

/** A connection by one of these ways. */
export function transport(endpoint: Endpoint): Transport {
  return {
    address: endpoint.address,
    isLocal: endpoint.isLocal,
    send: (request) => send(endpoint, request),
    async openWebSocket(path, { answersPings: autoPong = true } = {}) {
      const { WebSocket } = await import("ws");
      const options: ClientOptions = { ...endpoint.webSocketOptions, perMessageDeflate: false, autoPong };
      return new WebSocket(endpoint.webSocketUrl + path, options);
    },
    close: () => endpoint.agent.destroy(),
  };
}

// --- internal ---

function send(endpoint: Endpoint, request: TransportRequest, isRetry = false): Promise<http.IncomingMessage> {
  const { body, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(request.what));
    const headers = { Host: "incus", ...request.headers, ...lengthHeader(body) };
    const outgoing = endpoint.request({ method: request.method, path: request.path, headers, agent: endpoint.agent });
    const abort = () => outgoing.destroy(cancelled(request.what));
    signal?.addEventListener("abort", abort, { once: true });
    outgoing.on("close", () => signal?.removeEventListener("abort", abort));
    outgoing.on("response", resolve);
    outgoing.on("error", (cause) => {
      if (cause instanceof CancelledError) return reject(cause);
      // A kept connection may have been closed by the server at the moment of its reuse: then nothing was done.
      if (outgoing.reusedSocket && request.method === "GET" && !isRetry) return resolve(send(endpoint, request, true));
      reject(endpoint.failure(request.what, cause));
    });
    writeBody(outgoing, body, reject);
  });
}

function writeBody(
  outgoing: http.ClientRequest,
  body: TransportRequest["body"],
  reject: (error: unknown) => void,
): void {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    outgoing.end(body);
    return;
  }
  body.write(outgoing).then(
    () => outgoing.end(),
    (error) => {
      // The server may refuse before it has read everything; its answer says more than our broken pipe.
      if (outgoing.destroyed) return;
      outgoing.destroy();
      reject(error);
    },
  );
}

function lengthHeader(body: TransportRequest["body"]): Record<string, string> {
  if (body === undefined) return {};
  return { "Content-Length": String(typeof body === "string" ? Buffer.byteLength(body) : body.length) };
}

function cancelled(what: string): CancelledError {
  return new CancelledError(`Cancelled: ${what}`);
}
