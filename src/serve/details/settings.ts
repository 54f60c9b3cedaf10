/** The servers that this fleet is on and that this machine knows, and who floe is to them. */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Server } from "../../model/fleet.ts";
import { type KnownRemote, remotes } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import type { FleetServer, Settings, Trusted, TrustRequest } from "../protocol.ts";
import { limited } from "./limited.ts";

/** Servers that do not answer are told as such after this long. */
const askMs = 15_000;

export async function readSettings(serve: Serve, signal: AbortSignal): Promise<Settings> {
  const { listRemotes, identityFiles } = await remotes();
  const known = await limited(askMs, "The known servers did not answer", signal, listRemotes).catch(() => []);
  const pem = await readFile(identityFiles().certificatePath, "utf8").catch(() => undefined);
  const fleet = Object.values(serve.fleet().servers);
  const shown = serve.state().servers;
  return {
    servers: [
      ...fleet.map((server) =>
        ofFleet(
          server,
          shown.find(({ name }) => name === server.name),
          known,
        ),
      ),
      ...known.filter((remote) => !fleet.some((server) => isSame(server, remote))).map(knownOnly),
    ],
    ...defined({ clientFingerprint: pem === undefined ? undefined : fingerprintOf(pem) }),
    listen: serve.listen,
    readOnly: serve.readOnly,
    sessions: serve.sessions(),
  };
}

/** As `floe remote add --token`. @throws UsageError, IncusError, RefusedError 504 */
export async function trustServer({ name, token, url }: TrustRequest, signal: AbortSignal): Promise<Trusted> {
  const { addRemote } = await remotes();
  const added = await limited(askMs, "The server did not answer", signal, (until) =>
    addRemote({
      name,
      token,
      url,
      signal: until,
      // Nobody can be asked here, and nobody has to be: the token says which certificate is the right one.
      isRightCertificate: async () => false,
    }),
  );
  return { ...added.remote, isTrusted: added.isTrusted };
}

// --- internal ---

type ShownServer = Settings["servers"][number];

function ofFleet(server: Server, shown: FleetServer | undefined, known: readonly KnownRemote[]): ShownServer {
  const remote = known.find((one) => isSame(server, one));
  const isConnected = shown?.state === "connected";
  const address = server.kind === "https" ? server.url : (server.socket ?? "this machine");
  return {
    ...(shown ?? { name: server.name, address, state: "unreachable" as const }),
    kind: server.kind,
    isTrusted: isConnected || remote?.state === "trusted",
    ...defined({ fingerprint: server.kind === "https" ? (server.fingerprint ?? remote?.fingerprint) : undefined }),
  };
}

/** Known to this machine, and no part of the fleet. */
function knownOnly({ name, url, fingerprint, state, version, message }: KnownRemote): ShownServer {
  return {
    name,
    address: url,
    kind: "https",
    state: state === "unreachable" ? "unreachable" : "connected",
    isTrusted: state === "trusted",
    fingerprint,
    ...defined({ version, error: message }),
  };
}

function isSame(server: Server, remote: KnownRemote): boolean {
  if (server.kind !== "https") return false;
  return URL.canParse(server.url) && new URL(server.url).host === new URL(remote.url).host;
}

function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
}
