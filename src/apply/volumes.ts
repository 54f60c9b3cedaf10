/** Custom volumes: made when they are missing, and never deleted. */
import type { IncusClient } from "../incus/types.ts";
import type { VolumeChange } from "../model/plan.ts";
import { label } from "../plan/labels.ts";
import { requireClient } from "./clients.ts";
import { type ApplyContext, done, type Outcome, step, throwIfCancelled } from "./context.ts";
import type { Run } from "./run.ts";

export async function makeVolumes({ plan, input, context, record }: Run): Promise<void> {
  for (const change of plan.changes) {
    if (change.kind !== "volume" || change.action === "none" || context.signal.aborted) continue;
    await record.change(change.address, () =>
      createVolume(context, requireClient(input.clients, change.server), change),
    );
  }
}

// --- internal ---

async function createVolume(context: ApplyContext, client: IncusClient, change: VolumeChange): Promise<Outcome> {
  throwIfCancelled(context);
  const { address, project, pool, name } = change;
  const volume = {
    name,
    config: { ...change.config, [label.fleet]: context.fleet },
    description: `Data of the fleet "${context.fleet}"`,
  };
  await step(context, address, "volume", () => client.createVolume(project, pool, volume));
  return done;
}
