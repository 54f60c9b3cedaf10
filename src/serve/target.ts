/** What a request is for: its path below the base path, and the route that answers it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Serve } from "./context.ts";
import { RefusedError } from "./refused.ts";
import { match, type Route } from "./router.ts";

/** The path as the browser sent it, still encoded. @throws RefusedError 400 for one that is none */
export function targetOf({ url = "" }: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const [path = "", ...rest] = url.split("?");
  if (!path.startsWith("/")) throw new RefusedError(400, "BAD_REQUEST", "The request names no path of this server");
  return { path, query: new URLSearchParams(rest.join("?")) };
}

/** @throws RefusedError 404 outside the base path */
export function localPath(path: string, basePath: string): string {
  if (path.startsWith(basePath)) return `/${path.slice(basePath.length)}`;
  throw new RefusedError(404, "NOT_FOUND", `This server's pages are below "${basePath}"`);
}

/** @throws RefusedError 404, or 405 with what is allowed */
export function findRoute(routes: readonly Route[], method: string, local: string, response?: ServerResponse) {
  const found = match(routes, method, local);
  if (found === undefined) throw new RefusedError(404, "NOT_FOUND", "There is nothing here");
  if ("route" in found) return found;
  response?.setHeader("Allow", found.allow.join(", "));
  throw new RefusedError(405, "METHOD", `This is asked for with ${found.allow.join(", ")}`);
}

/** @throws RefusedError 403 for a change of a dashboard that only shows */
export function requireAllowed({ inReadOnly }: Route, { readOnly }: Serve): void {
  if (readOnly && !inReadOnly)
    throw new RefusedError(403, "READ_ONLY", "This dashboard only shows", {
      hint: "It was started with --read-only; the command line changes things",
    });
}
