/** Who a request is of, and the way in: the link that works once, the cookie, a reverse proxy's word. */

import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isRecord } from "../util/files.ts";
import { cookieOf } from "./http.ts";
import { digest, redeemLinkToken } from "./link.ts";
import { badRequest, RefusedError } from "./refused.ts";
import { isLoopback, wrongGuesses } from "./security.ts";
import type { Sessions, Visitor } from "./session.ts";

export interface AccountOptions {
  readonly root: string;
  readonly port: number;
  readonly basePath: string;
  readonly isTls: boolean;
  /** Who somebody is who came with the link: this machine's user. */
  readonly user: string;
  /** The header by which a reverse proxy names who is logged in there. */
  readonly proxyHeader: string | undefined;
  /** Addresses of proxies besides loopback. */
  readonly proxies: readonly string[];
  readonly sessions: Sessions;
}

export interface Account {
  /** @throws RefusedError 401, 429 */
  visitor(request: IncomingMessage): Visitor;
  /** @throws RefusedError 403 without the header that only the page itself can send */
  requireCsrf(request: IncomingMessage, visitor: Visitor): void;
  /** `/?token=...`: a session and a redirect without the token. */
  followLink(request: IncomingMessage, response: ServerResponse, token: string): void;
  /** The body of `POST api/login`. @throws RefusedError 401, 429, 400 */
  logIn(request: IncomingMessage, response: ServerResponse, body: unknown): void;
  logOut(response: ServerResponse, visitor: Visitor): void;
}

export function openAccount(options: AccountOptions): Account {
  const { root, port, basePath, sessions } = options;
  const guesses = wrongGuesses();
  const cookieName = `floe-${port}`;
  const cookie = (value: string, maxAge: number): string =>
    `${cookieName}=${value}; Path=${basePath}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${options.isTls ? "; Secure" : ""}`;
  const known = (request: IncomingMessage): Visitor | undefined => {
    const proxied = proxyUser(request, options);
    if (proxied !== undefined) return sessions.ofProxy(proxied);
    const value = cookieOf(request, cookieName);
    return value === undefined ? undefined : sessions.find(value);
  };
  const admit = (request: IncomingMessage, response: ServerResponse, token: string): void => {
    const address = request.socket.remoteAddress ?? "";
    guesses.check(address);
    if (!redeemLinkToken(root, port, token)) {
      guesses.note(address);
      throw new RefusedError(401, "LINK_USED", "This link does not work, or not any more", {
        hint: "It works once. A new one: floe serve --new-link",
      });
    }
    response.setHeader("Set-Cookie", cookie(sessions.begin(options.user), 365 * 86_400));
  };
  return {
    visitor(request) {
      const visitor = known(request);
      if (visitor !== undefined) return visitor;
      throw new RefusedError(401, "NO_SESSION", "You are not logged in", {
        hint: "Open the link that floe serve printed; a new one: floe serve --new-link",
      });
    },
    requireCsrf({ headers }, { csrf }) {
      const given = headers["x-floe-csrf"];
      if (typeof given !== "string" || !timingSafeEqual(digest(given), digest(csrf)))
        throw new RefusedError(403, "CSRF", "The header X-Floe-Csrf is missing or wrong", { hint: "Reload the page" });
    },
    followLink(request, response, token) {
      // A browser that fetches a page before anybody asked for it would use the link up.
      const purpose = `${request.headers["sec-purpose"] ?? ""}${request.headers["purpose"] ?? ""}`;
      if (purpose.includes("prefetch") || purpose.includes("preview"))
        throw new RefusedError(403, "PREFETCH", "This link is not fetched in advance");
      try {
        admit(request, response, token);
      } catch (error) {
        // Who is in already, and opens the link of the terminal once more, stays in.
        if (known(request) === undefined) throw error;
      }
      response.writeHead(303, { Location: basePath, "Cache-Control": "no-store" }).end();
    },
    logIn(request, response, body) {
      const token = isRecord(body) ? body["token"] : undefined;
      if (typeof token !== "string" || token.length > 2000) throw badRequest("The body must have a token");
      admit(request, response, /[?&]token=([\w-]+)/.exec(token)?.[1] ?? token.trim());
    },
    logOut(response, visitor) {
      sessions.end(visitor.id);
      response.setHeader("Set-Cookie", cookie("", 0));
    },
  };
}

// --- internal ---

/** The header counts only from the proxy itself; elsewhere anybody could write it. */
function proxyUser({ headers, socket }: IncomingMessage, { proxyHeader, proxies }: AccountOptions): string | undefined {
  if (proxyHeader === undefined) return undefined;
  const address = socket.remoteAddress ?? "";
  if (!isLoopback(address) && !proxies.includes(address.replace(/^::ffff:/, ""))) return undefined;
  const user = headers[proxyHeader.toLowerCase()];
  return typeof user === "string" && /^[\w.@+-]{1,100}$/.test(user) ? user : undefined;
}
