/** Requests of the Incus REST API: envelopes, operations and ETags, so that no other file has to know of them. */
import type { IncomingMessage } from "node:http";
import { IncusError } from "../errors.ts";
import { type Envelope, parseEnvelope } from "./envelope.ts";
import { hasStatus, incusFailure } from "./failure.ts";
import { type Operation, waitForOperation } from "./operation.ts";
import { readAll, type StreamedBody, type Transport } from "./transport.ts";
import type { Tagged } from "./types.ts";

export interface ApiRequest {
  /** What is being done, as it goes on after "Cannot": `create the instance "web"`. */
  readonly what: string;
  /** GET where none is given. */
  readonly method?: string;
  /** Without its query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly bytes?: string | Uint8Array | StreamedBody;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as If-Match. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RawAnswer {
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
}

/** Every function throws IncusError for the server's errors, CancelledError when the signal aborts. */
export interface Api {
  readonly transport: Transport;
  /** The `metadata` of a sync answer, or of the operation after it has ended well. */
  call<T>(request: ApiRequest): Promise<Tagged<T>>;
  /** As `call`, and undefined for 404. */
  find<T>(request: ApiRequest): Promise<Tagged<T> | undefined>;
  /** As `call`, for what is to be gone afterwards: 404 is no error. */
  remove(request: ApiRequest): Promise<void>;
  /** Starts an operation and leaves the wait to the caller, who must begin it at once. */
  start(request: ApiRequest): Promise<Operation>;
  wait(operation: Operation): Promise<Operation>;
  /** An answer that is no envelope: a file's bytes. Undefined for 404. */
  findRaw(request: ApiRequest): Promise<RawAnswer | undefined>;
}

export function createApi(transport: Transport): Api {
  const call = async <T>(request: ApiRequest): Promise<Tagged<T>> => {
    const { envelope, etag } = await ask(transport, request);
    if (envelope.type === "sync") return { value: envelope.metadata as T, etag };
    const ended = await waitForOperation(transport, operationOf(request, envelope));
    return { value: ended.metadata as T, etag: "" };
  };
  const find = async <T>(request: ApiRequest) => orUndefined(call<T>(request));
  return {
    transport,
    call,
    find,
    async remove(request) {
      await find(request);
    },
    async start(request) {
      const { envelope } = await ask(transport, request);
      if (envelope.type === "sync")
        throw new IncusError(`Cannot ${request.what}: Incus answered at once where an operation was expected`, {
          status: 200,
        });
      return operationOf(request, envelope);
    },
    wait: (operation) => waitForOperation(transport, operation),
    findRaw: (request) => orUndefined(askRaw(transport, request)),
  };
}

/** One part of a path, escaped. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}

// --- internal ---

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

async function ask(
  transport: Transport,
  request: ApiRequest,
): Promise<{ readonly envelope: Exclude<Envelope, { type: "error" }>; readonly etag: string }> {
  const { status, headers, bytes } = await exchange(transport, request);
  const envelope = parseEnvelope(request.what, status, bytes.toString("utf8"));
  if (envelope.type === "error") throw refusal(request, envelope.status || status, envelope.words);
  return { envelope, etag: headers.etag ?? "" };
}

async function askRaw(transport: Transport, request: ApiRequest): Promise<RawAnswer> {
  const { status, headers, bytes } = await exchange(transport, request);
  if (status < 400) return { headers, bytes };
  const envelope = parseEnvelope(request.what, status, bytes.toString("utf8"));
  throw refusal(request, status, envelope.type === "error" ? envelope.words : `HTTP status ${status}`);
}

async function exchange(
  transport: Transport,
  request: ApiRequest,
): Promise<{ status: number; headers: IncomingMessage["headers"]; bytes: Buffer }> {
  const response = await transport.send({
    what: request.what,
    method: request.method ?? "GET",
    path: withQuery(request.path, request.query),
    headers: {
      ...(request.json === undefined ? {} : { "Content-Type": "application/json" }),
      ...(request.etag ? { "If-Match": request.etag } : {}),
      ...request.headers,
    },
    body: request.json === undefined ? request.bytes : JSON.stringify(request.json),
    signal: request.signal,
  });
  return { status: response.statusCode ?? 0, headers: response.headers, bytes: await readAll(response, request) };
}

function refusal(request: ApiRequest, status: number, words: string): IncusError {
  return incusFailure({ what: request.what, method: request.method ?? "GET", path: request.path, status, words });
}

function operationOf(request: ApiRequest, envelope: Extract<Envelope, { type: "async" }>): Operation {
  const { what, method = "GET", path, signal } = request;
  return { what, method, requestPath: path, path: envelope.operation, metadata: envelope.metadata.metadata, signal };
}

function withQuery(path: string, query: ApiRequest["query"] = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
