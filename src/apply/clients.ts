import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Clients } from "../plan/observe.ts";

/** The client of a server that was reached. @throws FloeError why it was not */
export function requireClient(clients: Clients, server: string): IncusClient {
  const client = clients[server];
  if (client === undefined) throw new FloeError(`There is no connection to the server "${server}"`);
  if (client instanceof FloeError) throw client;
  return client;
}
