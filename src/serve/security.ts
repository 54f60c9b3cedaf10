/**
 * Which requests are let through, and what every answer says to the browser. The dangers: a page of somebody else's that sends requests to this server
 * (foreign Origin, CSRF, WebSockets), a name that is made to point here (DNS rebinding), another program of this machine, and names and logs of
 * instances that hold script.
 */
import type { IncomingHttpHeaders } from "node:http";
import { RefusedError } from "./refused.ts";

/** The names this server answers to, as they stand in the Host header. */
export interface ServedNames {
  readonly port: number;
  /** Of `--allow-host`, in lower case: with a port only with that one, else with any, for a proxy may have its own. */
  readonly allowed: readonly string[];
  /** The address it listens on; one that stands for all of them is no name. */
  readonly address: string;
}

/**
 * `reached`: the address of this machine that the connection came to. Where it listens on all of them that is a name too: nobody can make an address point
 * elsewhere. @throws RefusedError 421 when somebody made another name point here
 */
export function checkHost(
  { host }: IncomingHttpHeaders,
  { port, allowed, address }: ServedNames,
  reached: string | undefined,
): void {
  const given = (host ?? "").toLowerCase();
  const listening = isEveryAddress(bracketed(address)) ? (reached ?? "").replace(/^::ffff:/, "") : address;
  const here = ["127.0.0.1", "localhost", "[::1]", bracketed(listening)].filter((name) => !isEveryAddress(name));
  const isOwn = here.some((name) => given === `${name}:${port}` || (given === name && (port === 80 || port === 443)));
  const isAllowed = allowed.some((name) => given === name || (given.startsWith(`${name}:`) && /:\d+$/.test(given)));
  if (isOwn || (isAllowed && /^[\w.\-[\]:]+$/.test(given))) return;
  throw new RefusedError(421, "WRONG_HOST", "This server is not known by that name", {
    hint: "floe serve --allow-host NAME lets it answer to one more",
  });
}

/**
 * What a page of another origin had the browser send. `isChange`: also what another page may otherwise do, and WebSockets, which no browser keeps to
 * their own origin. @throws RefusedError 403
 */
export function checkOrigin(headers: IncomingHttpHeaders, { isChange }: { readonly isChange: boolean }): void {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  // A port of the same machine is the "same site" and somebody else all the same.
  const isForeign = site !== undefined && site !== "same-origin" && (isChange || site !== "none");
  if (isForeign || (origin !== undefined && hostOf(origin) !== host?.toLowerCase()))
    throw new RefusedError(403, "FOREIGN_ORIGIN", "This request was made by another page");
}

/** A browser always says where a WebSocket comes from. @throws RefusedError 403 */
export function requireOrigin({ origin }: IncomingHttpHeaders): void {
  if (origin === undefined) throw new RefusedError(403, "FOREIGN_ORIGIN", "A WebSocket needs an Origin");
}

/** For every answer. `host` was checked; Firefox needs the WebSocket's origin in so many words. */
export function securityHeaders(host: string | undefined): Readonly<Record<string, string>> {
  const sockets = host === undefined || !/^[\w.\-[\]:]+$/.test(host) ? "" : ` ws://${host} wss://${host}`;
  return {
    "Content-Security-Policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "manifest-src 'self'",
      `connect-src 'self'${sockets}`,
      "base-uri 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  };
}

/** Wrong tokens and unknown sessions of one address: after ten within a minute it waits. */
export function wrongGuesses(now: () => number = Date.now): {
  note(address: string): void;
  /** @throws RefusedError 429 */
  check(address: string): void;
} {
  const guesses = new Map<string, number[]>();
  const recent = (address: string): number[] =>
    (guesses.get(address) ?? []).filter((at) => now() - at < guessesWithinMs);
  return {
    note(address) {
      guesses.set(address, [...recent(address), now()].slice(-maxGuesses));
      const [first] = guesses.keys();
      if (guesses.size > maxAddresses && first !== undefined) guesses.delete(first);
    },
    check(address) {
      if (recent(address).length >= maxGuesses)
        throw new RefusedError(429, "TOO_MANY", "Too many wrong tokens", { hint: "Wait a minute" });
    },
  };
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address);
}

// --- internal ---

const maxGuesses = 10;
const guessesWithinMs = 60_000;
const maxAddresses = 1000;

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address.toLowerCase();
}

function isEveryAddress(name: string): boolean {
  return name === "0.0.0.0" || name === "[::]" || name === "";
}

/** Undefined for `null`, which a sandboxed page sends. */
function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host.toLowerCase();
  } catch {
    return undefined;
  }
}
