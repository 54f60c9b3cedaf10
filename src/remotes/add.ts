/** Adds a server: knows it by its certificate from now on, and becomes known to it. */
import { FloeError, IncusError, UsageError } from "../errors.ts";
import { openClient } from "../incus/connect.ts";
import { fetchCertificate, plainFingerprint } from "../incus/tls.ts";
import type { IncusClient } from "../incus/types.ts";
import { sameServer, serverUrl } from "../incus/url.ts";
import { ensureIdentity, type Identity } from "./identity.ts";
import { type Remote, readRemotes, writeRemotes } from "./store.ts";
import { readToken, type TrustToken } from "./token.ts";

export interface AddInput {
  /** `https://HOST:PORT`, `HOST` or `HOST:PORT`; without one, the first address of the token that answers. */
  readonly url?: string | undefined;
  /** Default: the host's name up to its first dot. */
  readonly name?: string | undefined;
  readonly token?: string | undefined;
  /** The server's certificate must have this one. */
  readonly fingerprint?: string | undefined;
  /** Asked when nothing says which certificate is the right one. */
  readonly isRightCertificate: (url: string, fingerprint: string) => Promise<boolean>;
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

export interface Added {
  readonly remote: Remote;
  /** False: the server does not trust us yet; this file is to be added there. */
  readonly isTrusted: boolean;
  readonly certificatePath: string;
  /** It was known before, with the same certificate. */
  readonly wasKnown: boolean;
}

/**
 * Nothing is sent to the server before its certificate is known to be the right one; nothing is written before that either.
 * @throws UsageError for what cannot be meant, IncusError when the server refuses or is another one
 */
export async function addRemote(input: AddInput): Promise<Added> {
  const token = input.token === undefined ? undefined : readToken(input.token, new Date());
  const { url, fingerprint } = await findServer(input, token);
  if (input.fingerprint !== undefined && !/^[0-9a-f]{64}$/.test(plainFingerprint(input.fingerprint)))
    throw new UsageError(`"${input.fingerprint}" is no fingerprint: it has 64 hex digits`, {
      hint: "incus info shows it on the server, as certificate_fingerprint",
    });
  const remotes = await readRemotes(input.environment);
  const name = nameFor(input, url, remotes);
  await requireRight(input, url, fingerprint, token);
  const identity = await ensureIdentity(input.environment);
  const remote: Remote = { name, url, fingerprint };
  const isTrusted = await introduce(remote, identity, token, input.signal);
  // Read again: somebody may have added another one while this server was asked.
  const known = await readRemotes(input.environment);
  const others = known.filter((other) => other.name !== name && !sameServer(other.url, url));
  const wasKnown = remotes.some((other) => sameServer(other.url, url) && other.fingerprint === fingerprint);
  await writeRemotes([...others, remote], input.environment);
  return { remote, isTrusted, certificatePath: identity.certificatePath, wasKnown };
}

// --- internal ---

interface Found {
  /** `https://HOST:PORT` */
  readonly url: string;
  readonly fingerprint: string;
}

/** A token may name addresses that lead here from elsewhere only: each is tried in turn. */
async function findServer({ url, signal }: AddInput, token: TrustToken | undefined): Promise<Found> {
  const candidates = url === undefined ? (token?.addresses ?? []) : [url];
  if (candidates.length === 0)
    throw new UsageError("Which server? Neither an address nor a token with one is given", {
      hint: "For example: floe remote add https://crown.lan:8443 --token TOKEN",
    });
  let failure: unknown;
  for (const candidate of candidates) {
    const address = serverUrl(candidate);
    signal.throwIfAborted();
    try {
      const { fingerprint256 } = await fetchCertificate(new URL(address));
      return { url: address, fingerprint: plainFingerprint(fingerprint256) };
    } catch (error) {
      failure = error;
    }
  }
  if (candidates.length === 1) throw failure;
  throw new IncusError(`None of the token's addresses answers: ${candidates.join(", ")}`, {
    hint: "Give the address at which this machine reaches the server: floe remote add URL --token TOKEN",
    cause: failure,
  });
}

function nameFor({ name }: AddInput, url: string, remotes: readonly Remote[]): string {
  const { hostname } = new URL(url);
  const chosen =
    name ??
    remotes.find((remote) => sameServer(remote.url, url))?.name ??
    (/^[a-z]/i.test(hostname) ? (hostname.split(".")[0] ?? hostname) : hostname.replaceAll(/[^\w.-]/g, ""));
  if (!/^[\w.-]+$/.test(chosen))
    throw new UsageError(`"${chosen}" is no name for a server: letters, digits and . _ - are`, {});
  const other = remotes.find((remote) => remote.name === chosen && !sameServer(remote.url, url));
  if (other !== undefined)
    throw new UsageError(`There is a server "${chosen}" already: ${other.url}`, {
      hint: `Give this one another name with --name, or first: floe remote remove ${chosen}`,
    });
  return chosen;
}

async function requireRight(
  { fingerprint: expected, isRightCertificate }: AddInput,
  url: string,
  fingerprint: string,
  token: TrustToken | undefined,
): Promise<void> {
  for (const [source, right] of [
    ["the token", token?.fingerprint],
    ["--fingerprint", expected && plainFingerprint(expected)],
  ] as const) {
    if (right !== undefined && right !== "" && right !== fingerprint)
      throw new IncusError(
        `The server at ${url} is not the one of ${source}: its certificate has the fingerprint ${fingerprint}`,
        {
          hint: "Is the address right? If it is, something stands between you and the server. Nothing was sent",
        },
      );
  }
  if (token !== undefined || expected !== undefined) return;
  if (!(await isRightCertificate(url, fingerprint)))
    throw new FloeError("The server was not added", { hint: "A token makes the comparison by itself: --token" });
}

/** True when the server trusts us in the end. */
async function introduce(
  { name, url, fingerprint }: Remote,
  identity: Identity,
  token: TrustToken | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const client = await openClient({ name, kind: "https", url }, { tls: { ...identity, fingerprint }, signal });
  try {
    if (await isTrusted(client, signal)) return true;
    if (token === undefined) return false;
    await client.request("POST", "/1.0/certificates", { type: "client", trust_token: token.text }, { signal });
    return await isTrusted(client, signal);
  } catch (error) {
    if (error instanceof IncusError && error.status === 403)
      throw new IncusError(`The server at ${url} does not accept the token: it was used already, or cancelled`, {
        status: 403,
        hint: "Make a new one on the server: incus config trust add floe",
        cause: error,
      });
    throw error;
  } finally {
    client.close();
  }
}

async function isTrusted(client: IncusClient, signal: AbortSignal): Promise<boolean> {
  return (await client.info({ signal })).auth === "trusted";
}
