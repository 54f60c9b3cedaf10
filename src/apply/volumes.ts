/** Custom volumes: made when they are missing, and never deleted. */
import type { IncusClient } from "../incus/types.ts";
import type { VolumeChange } from "../model/plan.ts";
import { label } from "../plan/labels.ts";
import { type ApplyContext, done, type Outcome, step, throwIfCancelled } from "./context.ts";

export async function createVolume(context: ApplyContext, client: IncusClient, change: VolumeChange): Promise<Outcome> {
  throwIfCancelled(context);
  const { address, project, pool, name } = change;
  const volume = { name, config: { [label.fleet]: context.fleet }, description: `Data of the fleet "${context.fleet}"` };
  await step(context, address, "volume", () => client.createVolume(project, pool, volume));
  return done;
}
