/** From the server's words to an error that says what to do. */
import { IncusError } from "../errors.ts";

export interface Failure {
  /** What was being done: `create the instance "web"`. */
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The server's words. */
  readonly words: string;
  /** The operation that failed, when the request itself was accepted. */
  readonly operation?: string;
}

export function incusFailure(failure: Failure): IncusError {
  const { what, status, words, ...rest } = failure;
  return new IncusError(`Cannot ${what}: ${words}`, {
    status,
    hint: hintFor(status, words),
    details: { status, ...rest, words },
  });
}

/** Is it this error with this status? */
export function hasStatus(error: unknown, status: number): error is IncusError {
  return error instanceof IncusError && error.status === status;
}

/** The server's own words, without floe's. */
export function wordsOf(error: IncusError): string {
  return String(error.details.words ?? error.message);
}

/** Known troubles, the narrow ones first. The words are Incus' own, or the kernel's through it. */
const HINTS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /no space left on device|out of disk space|ENOSPC|disk quota exceeded/i,
    'The disk of the Incus server is full: free some space there (old images: "floe image prune"), then run this again',
  ],
  [
    /address already in use|receive fd from listener process/i,
    "Another program or instance listens on this port of the server: choose another one, or stop the other",
  ],
  [
    /MAC address .* already defined/i,
    "Another instance has this address, even if it is stopped: remove it there, or give another one here",
  ],
  [/Missing source path|Missing source '/i, "The path must exist on the Incus server itself"],
  [
    /dnsmasq/i,
    "A managed network needs dnsmasq on the server: install it (Debian: dnsmasq-base), or use a bridge of the server",
  ],
  [
    /idmap|uid or gid range|subuid/i,
    "Give root a range of ids in /etc/subuid and /etc/subgid, for example root:1000000:1000000000, and restart Incus",
  ],
  [/Certificate is restricted/i, "This client's certificate may only use some projects of the server"],
  [/console is already connected/i, "Somebody else has it open: it is for one at a time"],
  [/busy running/i, "The server is still doing something else with it: try again in a moment"],
];

function hintFor(status: number, words: string): string | undefined {
  const known = HINTS.find(([pattern]) => pattern.test(words));
  if (known) return known[1];
  if (status === 403) return "This client is not trusted by the server, or not for this";
  if (status === 412) return "It was changed by somebody else in the meantime: make a new plan";
  return undefined;
}
