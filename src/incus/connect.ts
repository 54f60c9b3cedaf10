/** The way to an Incus server. */
import { IncusError, MissingError } from "../errors.ts";
import type { Server } from "../model/fleet.ts";
import { type Api, createApi } from "./api.ts";
import { eventCalls } from "./events.ts";
import { execCalls } from "./exec.ts";
import { fileCalls } from "./files.ts";
import { imageCalls } from "./images.ts";
import { instanceCalls } from "./instances.ts";
import { profileCalls } from "./profiles.ts";
import { serverCalls } from "./server.ts";
import { snapshotCalls } from "./snapshots.ts";
import { requireSocket, socketPath } from "./socket.ts";
import type { TlsFiles } from "./tls.ts";
import { type Transport, unixTransport } from "./transport.ts";
import type { Cancellable, IncusClient, IncusServerInfo } from "./types.ts";
import { serverUrl } from "./url.ts";
import { volumeCalls } from "./volumes.ts";

export interface ConnectOptions extends Cancellable {
  /** Where INCUS_SOCKET and INCUS_DIR are looked up; the process' own where none is given. */
  readonly environment?: NodeJS.ProcessEnv;
  /** For servers reached over https. */
  readonly tls?: TlsFiles;
}

/**
 * Connects to a server and asks it one question, so that a server that is not there or not permitted is known at once.
 * @throws MissingError when there is no server or no permission; IncusError when it does not trust us
 */
export async function connect(server: Server, options: ConnectOptions = {}): Promise<IncusClient> {
  const client = await openClient(server, options);
  try {
    requireTrust(server, client.address, await client.info({ signal: options.signal }));
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

/** As `connect`, but asks nothing: the server may not trust us yet. @throws MissingError, IncusError */
export async function openClient(server: Server, options: ConnectOptions = {}): Promise<IncusClient> {
  return createClient(server, createApi(await openTransport(server, options)));
}

// --- internal ---

async function openTransport(server: Server, options: ConnectOptions): Promise<Transport> {
  if (server.kind === "unix") return unixTransport(await requireSocket(socketPath(server.socket, options.environment)));
  if (options.tls === undefined)
    throw new MissingError(`No client certificate for the Incus server "${server.name}" at ${server.url}`, {
      hint: `Get a token on the server (incus config trust add floe), then: floe remote add ${server.url} --token TOKEN`,
    });
  const url = new URL(serverUrl(server.url));
  // TLS is a large part of Node; a server of this machine does without.
  const [{ httpsTransport }, { loadIdentity }] = await Promise.all([
    import("./https-transport.ts"),
    import("./tls.ts"),
  ]);
  return httpsTransport(url, await loadIdentity(url, options.tls));
}

function createClient(server: Server, api: Api): IncusClient {
  const { address, isLocal, close } = api.transport;
  return {
    server,
    address,
    isLocal,
    close,
    ...serverCalls(api),
    ...instanceCalls(api),
    ...execCalls(api),
    ...fileCalls(api),
    ...imageCalls(api),
    ...snapshotCalls(api),
    ...volumeCalls(api),
    ...profileCalls(api),
    ...eventCalls(api),
  };
}

function requireTrust(server: Server, address: string, info: IncusServerInfo): void {
  if (info.auth === "trusted") return;
  throw new IncusError(`The Incus server "${server.name}" at "${address}" does not trust this client`, {
    status: 403,
    hint:
      server.kind === "https"
        ? `Get a token on the server (incus config trust add floe), then: floe remote add ${server.url} --token TOKEN`
        : "Members of the group incus-admin may use it",
  });
}
