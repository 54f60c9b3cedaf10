/** The way to an Incus server. */
import { IncusError, MissingError } from "../errors.ts";
import type { Server } from "../model/fleet.ts";
import { type Api, createApi } from "./api.ts";
import { eventCalls } from "./events.ts";
import { execCalls } from "./exec.ts";
import { fileCalls } from "./files.ts";
import { imageCalls } from "./images.ts";
import { instanceCalls } from "./instances.ts";
import { serverCalls } from "./server.ts";
import { requireSocket, socketPath } from "./socket.ts";
import type { TlsFiles } from "./tls.ts";
import { type Transport, unixTransport } from "./transport.ts";
import type { Cancellable, IncusClient, IncusServerInfo } from "./types.ts";
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
  const transport = await openTransport(server, options);
  const client = createClient(server, createApi(transport));
  try {
    requireTrust(server, transport, await client.info({ signal: options.signal }));
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

// --- internal ---

async function openTransport(server: Server, options: ConnectOptions): Promise<Transport> {
  if (server.kind === "unix") return unixTransport(await requireSocket(socketPath(server.socket, options.environment)));
  if (options.tls === undefined) {
    throw new MissingError(`No client certificate for the Incus server "${server.name}" at ${server.url}`, {
      hint: "Use the server's own socket for now: run floe on that machine",
    });
  }
  const url = new URL(server.url);
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
    ...volumeCalls(api),
    ...eventCalls(api),
  };
}

function requireTrust(server: Server, transport: Transport, info: IncusServerInfo): void {
  if (info.auth === "trusted") return;
  throw new IncusError(`The Incus server "${server.name}" at "${transport.address}" does not trust this client`, {
    status: 403,
    hint: "Add its certificate on the server: incus config trust add-certificate FILE",
  });
}
