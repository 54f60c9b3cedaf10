import { connect } from "../incus/connect.ts";
import type { Cancellable, IncusClient } from "../incus/types.ts";
import type { Server } from "../model/fleet.ts";

/**
 * Connects to a server of the fleet, over the network with what this machine knows of it.
 * @throws MissingError, IncusError, CancelledError
 */
export async function connectServer(server: Server, { signal }: Cancellable): Promise<IncusClient> {
  // A server of this machine needs no certificates.
  if (server.kind === "unix") return connect(server, { signal });
  const { findTls } = await import("./find-tls.ts");
  return connect(server, { signal, tls: await findTls(server) });
}
