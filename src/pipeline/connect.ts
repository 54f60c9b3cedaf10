/** connect: to the fleet's servers. */
import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Clients } from "../plan/observe.ts";
import { connectServer } from "../remotes/connect-server.ts";

import { asAnswer } from "./as-answer.ts";

/** Connections to all of the fleet's servers. */
export interface Connections {
  /** An error stands for a server that does not answer. */
  readonly clients: Promise<Clients>;
  close(): Promise<void>;
}

/** Begins to connect and does not wait: meanwhile something else can be done. The caller closes. */
export function openConnections(fleet: Fleet, signal: AbortSignal): Connections {
  const clients = connectAll(fleet, signal);
  const failed = (): Clients => ({});
  // Whoever waits for the clients is told of a failure; nobody may be waiting yet.
  clients.catch(failed);
  return {
    clients,
    async close() {
      for (const client of Object.values(await clients.catch(failed)))
        if (!(client instanceof FloeError)) client.close();
    },
  };
}

/** An open connection to the server of an instance; the caller closes it. */
export interface InstanceConnection {
  readonly client: IncusClient;
  readonly project: string;
  /** As Incus knows it. */
  readonly name: string;
}

/** The servers on the network that this machine knows. */
export async function remotes(): Promise<typeof import("../remotes/remotes.ts")> {
  return import("../remotes/remotes.ts");
}

/** A connection to one of the fleet's servers. @throws MissingError, IncusError */
export async function connectTo(fleet: Fleet, server: string, signal: AbortSignal): Promise<IncusClient> {
  const described = fleet.servers[server];
  if (described === undefined) throw new Error(`the fleet has no server ${server}`);
  return connectServer(described, { signal });
}

// --- internal ---

async function connectAll(fleet: Fleet, signal: AbortSignal): Promise<Clients> {
  const servers = Object.values(fleet.servers);
  const clients = await Promise.all(servers.map((server) => connectServer(server, { signal }).catch(asAnswer)));
  return Object.fromEntries(servers.map(({ name }, index) => [name, clients[index] as IncusClient | FloeError]));
}
