/** The servers that can be used from this machine, and whether each lets us in. */
import { openClient } from "../incus/connect.ts";
import type { TlsFiles } from "../incus/tls.ts";
import { sameServer } from "../incus/url.ts";
import { identityFiles } from "./identity.ts";
import { readClientRemotes } from "./incus-client.ts";
import { type Remote, readRemotes } from "./store.ts";

export interface KnownRemote extends Remote {
  /** Who knows it: floe, or the Incus client, whose remotes floe uses as they are. */
  readonly from: "floe" | "incus";
  readonly state: "trusted" | "untrusted" | "unreachable";
  /** The server's version, when it answers. */
  readonly version?: string;
  /** Why it is unreachable. */
  readonly message?: string;
}

/** All of them are asked at once. @throws StateError when floe's own list cannot be read */
export async function listRemotes(
  signal: AbortSignal,
  environment?: NodeJS.ProcessEnv,
): Promise<readonly KnownRemote[]> {
  const own = identityFiles(environment);
  const added = (await readRemotes(environment)).map((remote) => ({
    remote,
    from: "floe" as const,
    tls: { ...own, fingerprint: remote.fingerprint },
  }));
  const others = (await readClientRemotes(environment))
    .filter(({ url }) => !added.some(({ remote }) => sameServer(remote.url, url)))
    .map(({ name, url, tls }) => ({
      remote: { name, url, fingerprint: tls.fingerprint },
      from: "incus" as const,
      tls,
    }));
  return Promise.all(
    [...added, ...others].map(async ({ remote, from, tls }) => ({
      ...remote,
      from,
      ...(await ask(remote, tls, signal)),
    })),
  );
}

// --- internal ---

async function ask(
  { name, url }: Remote,
  tls: TlsFiles,
  signal: AbortSignal,
): Promise<Pick<KnownRemote, "state" | "version" | "message">> {
  try {
    const client = await openClient({ name, kind: "https", url }, { tls, signal });
    try {
      const { auth, environment } = await client.info({ signal });
      const version = environment?.server_version;
      return { state: auth === "trusted" ? "trusted" : "untrusted", ...(version === undefined ? {} : { version }) };
    } finally {
      client.close();
    }
  } catch (error) {
    return { state: "unreachable", message: (error as Error).message };
  }
}
