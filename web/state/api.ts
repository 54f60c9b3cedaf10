/** Requests to the server: JSON both ways, the CSRF header with what changes something, and refusals as errors. */
import { signal } from "@preact/signals";
import type { Refusal, Session } from "../../src/serve/protocol.ts";
import { urlOf } from "./base.ts";

/** `asking` at first; `none`: this browser has no session, or not any more. */
export const session = signal<Session | "asking" | "none">("asking");

/** What the server would not do, or that it was not there: `code` `OFFLINE`. */
export class RefusedError extends Error implements Refusal {
  readonly code: string;
  /** Of HTTP; 0: there was no answer. */
  readonly status: number;
  readonly hint?: string;
  constructor(status: number, { code, message, hint }: Refusal) {
    super(message);
    this.name = "RefusedError";
    this.status = status;
    this.code = code;
    if (hint !== undefined) this.hint = hint;
  }
}

/** @throws RefusedError */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", path, undefined, signal);
}

/** @throws RefusedError */
export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return request<T>("POST", path, body);
}

/** @throws RefusedError */
export function remove<T>(path: string): Promise<T> {
  return request<T>("DELETE", path, undefined);
}

/** Any failure as what the server refuses: what is none of these is a bug of the page and says so. */
export function asRefused(error: unknown): RefusedError {
  if (error instanceof RefusedError) return error;
  return new RefusedError(0, { code: "BUG", message: error instanceof Error ? error.message : String(error) });
}

/** A request whose answer is a stream. @throws RefusedError */
export async function open(path: string, headers: HeadersInit, signal: AbortSignal): Promise<Response> {
  return checked(await send(path, { headers, signal, cache: "no-store" }));
}

// --- internal ---

async function request<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = new Headers({ accept: "application/json" });
  if (method !== "GET") {
    const current = await knownSession();
    if (current !== "none") headers.set("x-floe-csrf", current.csrf);
  }
  if (body !== undefined) headers.set("content-type", "application/json");
  const response = await send(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  await checked(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** A click may come before the first answer. */
function knownSession(): Promise<Session | "none"> {
  return new Promise((resolve) => {
    const stop = session.subscribe((current) => {
      if (current === "asking") return;
      queueMicrotask(() => stop());
      resolve(current);
    });
  });
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(urlOf(path), { credentials: "same-origin", ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RefusedError(0, {
      code: "OFFLINE",
      message: "The server does not answer",
      hint: "Is floe serve still running?",
    });
  }
}

async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  if (response.status === 401) session.value = "none";
  throw new RefusedError(response.status, await readRefusal(response));
}

async function readRefusal(response: Response): Promise<Refusal> {
  try {
    return (await response.json()) as Refusal;
  } catch {
    return { code: "HTTP", message: `The server answered with status ${response.status}` };
  }
}
