/** WebSockets, which no browser keeps to their own origin: the same checks once more, and an Origin must be there. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { FloeError } from "../errors.ts";
import { RefusedError, toRefusal } from "./refused.ts";
import { checkHost, checkOrigin, requireOrigin } from "./security.ts";
import type { ServerOptions } from "./server.ts";
import { findRoute, localPath, requireAllowed, targetOf } from "./target.ts";

/** Terminals that are open at the same time. */
const maxSockets = 64;
const pingMs = 30_000;

/** @throws RefusedError */
export async function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { serve, routes, account, names, basePath, onBug }: ServerOptions,
  sockets: WebSocketServer,
): Promise<void> {
  checkHost(request.headers, names, request.socket.localAddress);
  checkOrigin(request.headers, { isChange: true });
  requireOrigin(request.headers);
  const { user } = account.visitor(request);
  const { path, query } = targetOf(request);
  const { route, params } = findRoute(routes, "GET", localPath(path, basePath));
  if (route.kind !== "socket") throw new RefusedError(400, "BAD_REQUEST", "This is no WebSocket");
  requireAllowed(route, serve);
  if (sockets.clients.size >= maxSockets) throw new RefusedError(503, "TOO_MANY", "Too many terminals are open");
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    const controller = new AbortController();
    keepAlive(webSocket, controller);
    const signal = AbortSignal.any([controller.signal, serve.signal]);
    route.handle({ params, query, body: undefined, user, serve, signal, socket: webSocket }).then(
      () => webSocket.close(1000),
      (error: unknown) => {
        if (!(error instanceof FloeError) && !signal.aborted) onBug(error);
        if (webSocket.readyState === webSocket.OPEN)
          webSocket.send(JSON.stringify({ type: "error", message: toRefusal(error).message }));
        webSocket.close(1011);
      },
    );
  });
}

// --- internal ---

/** A browser that is gone without a word does not answer a ping. */
function keepAlive(socket: WebSocket, controller: AbortController): void {
  let isAlive = true;
  const timer = setInterval(() => {
    // While nothing is read of it, because what it sent waits to be taken, its pongs are not read either.
    if (socket.isPaused) return;
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, pingMs).unref();
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    clearInterval(timer);
    controller.abort();
  });
}
