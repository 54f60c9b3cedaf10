import type { Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { askEach, problemsOf } from "./ask-each.ts";
import { type ListedVolume, listVolumes } from "./volumes.ts";

export interface VolumeList {
  readonly fleet: string;
  readonly volumes: readonly ListedVolume[];
  readonly problems: readonly Problem[];
}

/** Every custom volume of the fleet's servers, in every project that the client may see. */
export async function readVolumes(fleet: Fleet, signal: AbortSignal): Promise<VolumeList> {
  const answers = await askEach(fleet, signal, async (client) => {
    const pools = await client.listPools({ signal });
    const found = await Promise.all(
      pools.map(async (pool) => (await client.listAllVolumes(pool, { signal })).map((volume) => ({ ...volume, pool }))),
    );
    return found.flat();
  });
  const volumes = Object.entries(answers).flatMap(([server, answer]) =>
    answer.ok ? listVolumes(fleet, server, answer.value) : [],
  );
  return { fleet: fleet.name, volumes, problems: problemsOf(answers) };
}
