/** How to reach a server of the fleet that is on the network. */
import { access } from "node:fs/promises";
import { MissingError } from "../errors.ts";
import type { TlsFiles } from "../incus/tls.ts";
import { sameServer } from "../incus/url.ts";
import type { Server } from "../model/fleet.ts";
import { identityFiles } from "./identity.ts";
import { readClientRemotes } from "./incus-client.ts";
import { readRemotes } from "./store.ts";

type HttpsServer = Extract<Server, { readonly kind: "https" }>;

/**
 * The certificate that we show and the one that we expect: of the server as it was added to floe, else as the Incus client
 * knows it. A fingerprint in the fleet counts more than either.
 * @throws MissingError when the server is not known on this machine
 */
export async function findTls(server: HttpsServer, environment?: NodeJS.ProcessEnv): Promise<TlsFiles> {
  const own = identityFiles(environment);
  const added = (await readRemotes(environment)).find(({ url }) => sameServer(url, server.url));
  if (added !== undefined) return { ...own, fingerprint: server.fingerprint ?? added.fingerprint };
  const known = (await readClientRemotes(environment)).find(({ url }) => sameServer(url, server.url));
  if (known !== undefined) return { ...known.tls, ...(server.fingerprint && { fingerprint: server.fingerprint }) };
  const hasOwn = await access(own.keyPath).then(
    () => true,
    () => false,
  );
  if (server.fingerprint !== undefined && hasOwn) return { ...own, fingerprint: server.fingerprint };
  throw new MissingError(`The Incus server "${server.name}" at ${server.url} is not known on this machine`, {
    hint: `Get a token on the server (incus config trust add floe), then: floe remote add ${server.url} --token TOKEN`,
  });
}
