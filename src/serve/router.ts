/**
 * How a part of the server says what it answers. A file of `routes/` exports an array of routes, and `routes/all.ts` lists those arrays:
 *
 *     export const instanceRoutes: readonly Route[] = [
 *       route("GET", "/api/instances/:name", ({ params, serve }) => describe(serve.instance(params.name))),
 *       route("POST", "/api/instances/:name/snapshots", ({ params, body, serve, user }) => startJob(...)),
 *       events("/api/instances/:name/logs", async ({ params, query, send, signal }) => { send("line", { text }); }),
 *       webSocket("/api/instances/:name/terminal", async ({ params, query, socket, signal, serve }) => { ... }),
 *     ];
 *
 * Before a handler is called the server has checked everything: session, Host, Origin, the CSRF header of what is not a GET, the size of the body,
 * read-only mode. Parameters are decoded and hold neither slash nor NUL. What a handler throws becomes a `Refusal`: throw `notFound`, `badRequest` or
 * `RefusedError` of refused.ts; every `FloeError` is told with its message and hint, anything else is a bug (500, and its words stay here).
 */
import type { WebSocket } from "ws";
import type { Serve } from "./context.ts";

/** A request that has passed every check. `Names`: the parameters of the pattern. */
export interface Exchange<Names extends string = string> {
  /** The parts of the path behind a colon: all that the pattern has are there. */
  readonly params: Readonly<Record<Names, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON of what is not a GET, not yet checked for its form; undefined without a body. */
  readonly body: unknown;
  /** Who acts, as the journal tells it. */
  readonly user: string;
  /** Fleet, state, connections and jobs. */
  readonly serve: Serve;
  /** Aborts when the browser is gone or the server stops. A job must not end with it: it has a signal of its own. */
  readonly signal: AbortSignal;
}

/** `name` of `/api/instances/:name`. */
type ParamsOf<Pattern extends string> = Pattern extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamsOf<`/${Rest}`>
  : Pattern extends `${string}:${infer Name}`
    ? Name
    : never;

/** Answers what is sent as JSON with status 200; `undefined` is 204. */
export type Handler<Names extends string = string> = (exchange: Exchange<Names>) => unknown;

/** A stream of server-sent events; it ends when the promise does. A heartbeat is sent meanwhile. */
export type EventsHandler<Names extends string = string> = (exchange: Exchange<Names> & EventsOut) => Promise<void>;

export interface EventsOut {
  /** False: the browser takes no more for now; wait for `drained`. Data is sent as JSON. */
  send(event: string, data: unknown, id?: string): boolean;
  /** Resolves when the browser has taken what was sent, or is gone. */
  drained(): Promise<void>;
  /** Of a browser that comes back. */
  readonly lastEventId: string | undefined;
}

/** The socket is open; it is closed when the promise ends. Throw to end with an error message (`TerminalMessage`). */
export type SocketHandler<Names extends string = string> = (
  exchange: Exchange<Names> & { readonly socket: WebSocket },
) => Promise<void>;

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface RouteOptions {
  /** Also answered with `--read-only`; default: whether it is a GET that is no WebSocket. */
  readonly inReadOnly?: boolean;
  /** Bytes of a body; default 64 KiB. */
  readonly maxBody?: number;
}

export type Route = {
  readonly method: Method;
  readonly segments: readonly string[];
  readonly inReadOnly: boolean;
  readonly maxBody: number;
} & (
  | { readonly kind: "json"; readonly handle: Handler }
  | { readonly kind: "events"; readonly handle: EventsHandler }
  | { readonly kind: "socket"; readonly handle: SocketHandler }
);

/** `pattern`: `/api/instances/:name`, below the base path. */
export function route<Pattern extends string>(
  method: Method,
  pattern: Pattern,
  handle: Handler<ParamsOf<Pattern>>,
  options: RouteOptions = {},
): Route {
  return { kind: "json", method, handle, ...common(pattern, { inReadOnly: method === "GET", ...options }) };
}

export function events<Pattern extends string>(
  pattern: Pattern,
  handle: EventsHandler<ParamsOf<Pattern>>,
  options: RouteOptions = {},
): Route {
  return { kind: "events", method: "GET", handle, ...common(pattern, { inReadOnly: true, ...options }) };
}

export function webSocket<Pattern extends string>(
  pattern: Pattern,
  handle: SocketHandler<ParamsOf<Pattern>>,
  options: RouteOptions = {},
): Route {
  return { kind: "socket", method: "GET", handle, ...common(pattern, { inReadOnly: false, ...options }) };
}

export type Match =
  | { readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path is known, with other methods. */
  | { readonly allow: readonly Method[] };

/**
 * The route of a path; undefined when there is none. The path is as the browser sent it, without query: each part is decoded by itself, so that an
 * encoded slash cannot make a part into two.
 */
export function match(routes: readonly Route[], method: string, path: string): Match | undefined {
  const parts = decodeParts(path);
  if (parts === undefined) return undefined;
  const found = routes.flatMap((each) => {
    const params = matchParts(each.segments, parts);
    return params === undefined ? [] : [{ route: each, params }];
  });
  if (found.length === 0) return undefined;
  return (
    found.find((each) => each.route.method === method) ?? {
      allow: [...new Set(found.map((each) => each.route.method))],
    }
  );
}

/** The parts of a path, decoded; undefined for a path that nobody who means well sends. */
export function decodeParts(path: string): string[] | undefined {
  try {
    const parts = path.split("/").slice(1).map(decodeURIComponent);
    return parts.every((part) => part !== "" && part !== "." && part !== ".." && !hasControl(part)) ? parts : undefined;
  } catch {
    return undefined;
  }
}

// --- internal ---

function common(pattern: string, { inReadOnly, maxBody = 64 * 1024 }: RouteOptions) {
  return { segments: pattern.split("/").slice(1), inReadOnly: inReadOnly === true, maxBody };
}

function hasControl(part: string): boolean {
  return [...part].some((character) => character < " " || character === "\u007f" || character === "\\");
}

function matchParts(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] as string;
    if (!segment.startsWith(":")) {
      if (segment !== part) return undefined;
    } else if (part.includes("/")) return undefined;
    else params[segment.slice(1)] = part;
  }
  return params;
}
