import type { IncusClient } from "../incus/types.ts";
import type { Fleet } from "../model/fleet.ts";
import { askEach } from "./ask-each.ts";
import type { ServerAnswer } from "./list-fleet.ts";

/** What runs on every server of the fleet, and from which images: two requests a server. */
export async function askServers(fleet: Fleet, signal: AbortSignal): Promise<Record<string, ServerAnswer>> {
  const answers = await askEach(fleet, signal, (client) => ask(client, signal));
  return Object.fromEntries(
    Object.entries(answers).map(([server, answer]) => [
      server,
      answer.ok ? { ok: true as const, ...answer.value } : answer,
    ]),
  );
}

async function ask(client: IncusClient, signal: AbortSignal) {
  const [instances, images] = await Promise.all([
    client.listAllInstances({ signal }),
    client.listAllImages({ signal }),
  ]);
  return { instances, images };
}
