/** What `incus config trust add` prints: one text that says where a server is, how to know it, and lets us in once. */
import { UsageError } from "../errors.ts";
import { plainFingerprint } from "../incus/tls.ts";

export interface TrustToken {
  /** As the server's administrator named us. */
  readonly clientName: string;
  /** SHA-256 of the server's certificate, 64 hex digits. */
  readonly fingerprint: string;
  /** `ADDRESS:PORT` */
  readonly addresses: readonly string[];
  /** As it was given: the server wants it whole. */
  readonly text: string;
}

/** @throws UsageError when it is none, or has expired */
export function readToken(text: string, now: Date): TrustToken {
  const trimmed = text.trim();
  const { client_name, fingerprint, addresses, expires_at } = decode(trimmed);
  if (typeof fingerprint !== "string" || !/^[0-9a-f]{64}$/i.test(fingerprint)) throw noToken();
  // Go's zero time stands for "never".
  const expires = typeof expires_at === "string" ? new Date(expires_at) : undefined;
  if (expires !== undefined && expires.getUTCFullYear() > 1 && expires <= now)
    throw new UsageError(`The token expired on ${expires.toISOString().slice(0, 16).replace("T", " ")} UTC`, {
      hint: "Make a new one on the server: incus config trust add floe",
    });
  return {
    clientName: typeof client_name === "string" ? client_name : "",
    fingerprint: plainFingerprint(fingerprint),
    addresses: Array.isArray(addresses) ? addresses.filter((address) => typeof address === "string") : [],
    text: trimmed,
  };
}

// --- internal ---

function decode(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64").toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw noToken();
}

function noToken(): UsageError {
  return new UsageError("This is no token of an Incus server", {
    hint: 'On the server, "incus config trust add floe" prints one: copy all of its last line',
  });
}
