/** Asks every server of the fleet, all at once; one that does not answer is a problem of its own. */
import { CancelledError, FloeError } from "../errors.ts";
import { connect } from "../incus/connect.ts";
import type { Fleet, Server } from "../model/fleet.ts";
import type { ServerAnswer } from "./list-fleet.ts";

export async function askServers(fleet: Fleet, signal: AbortSignal): Promise<Record<string, ServerAnswer>> {
  const servers = Object.values(fleet.servers);
  const answers = await Promise.all(servers.map(async (server) => [server.name, await ask(server, signal)] as const));
  return Object.fromEntries(answers);
}

async function ask(server: Server, signal: AbortSignal): Promise<ServerAnswer> {
  try {
    const client = await connect(server, { signal });
    try {
      return { ok: true, instances: await client.listAllInstances({ signal }) };
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof FloeError) || error instanceof CancelledError) throw error;
    return { ok: false, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}
