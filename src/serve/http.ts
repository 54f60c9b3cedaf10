/** Reading requests and writing answers. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { badRequest, RefusedError, statusOf, toRefusal } from "./refused.ts";

/**
 * The JSON of a body; undefined when there is none. A form of another page cannot have this content type.
 * @throws RefusedError 413, 415, 400
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const isEmpty = request.headers["content-length"] === "0" || !hasBody(request);
  if (isEmpty) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? ""))
    throw new RefusedError(415, "NOT_JSON", "The body must be application/json");
  const text = (await readBody(request, maxBytes)).toString("utf8");
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest("The body is no JSON");
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  if (value === undefined) {
    response.writeHead(204, { "Cache-Control": "no-store" }).end();
    return;
  }
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** What a handler threw. A connection with a body that nobody read is of no more use. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = statusOf(error);
  if (!response.req.complete) response.setHeader("Connection", "close");
  if (status === 429) response.setHeader("Retry-After", "60");
  sendJson(response, status, toRefusal(error));
}

/** To somebody who asked for a WebSocket. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
  const body = JSON.stringify(toRefusal(error));
  socket.end(
    `HTTP/1.1 ${statusOf(error)} Refused\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** The value of a cookie. Of two with the same name neither counts: somebody meddled. */
export function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  const values = (headers.cookie ?? "").split(";").flatMap((each) => {
    const [key, ...rest] = each.trim().split("=");
    return key === name ? [rest.join("=")] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}

// --- internal ---

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new RefusedError(413, "TOO_LARGE", `The body is larger than ${maxBytes} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      length += (chunk as Buffer).length;
      if (length > maxBytes) throw tooLarge;
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error === tooLarge) throw error;
    throw badRequest("The body broke off");
  }
  return Buffer.concat(chunks);
}
