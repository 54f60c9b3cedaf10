/** The objects of one instance as they are now. */
import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import { physicalNames } from "../plan/labels.ts";
import { groupOf } from "../plan/objects.ts";
import { type ObservedInstance, toObserved } from "../plan/observed.ts";
import type { InstanceObjects } from "../plan/recovery.ts";
import type { Target } from "./context.ts";

/**
 * Reads every name the instance may have, with snapshots.
 * @throws FloeError when one of the names belongs to somebody else: then nothing of it may be touched
 */
export async function readObjects({ client, project, name }: Target, fleet: string): Promise<InstanceObjects> {
  const found = await Promise.all(
    Object.values(physicalNames(name)).map((physical) => readInstance(client, project, physical)),
  );
  const { objects, foreign } = groupOf(
    found.filter((instance) => instance !== undefined),
    fleet,
    project,
    name,
  );
  const [stranger] = foreign;
  if (stranger === undefined) return objects;
  throw new FloeError(`Instance "${stranger.name}" exists and was not made by this fleet`, {
    hint: `It is not touched. Give it another name: incus rename ${stranger.name} ${stranger.name}-old`,
  });
}

/**
 * One instance with its snapshots; undefined when there is none. Its state is not asked for: Incus cannot tell it while a
 * container ends by itself ("Invalid PID").
 */
export async function readInstance(
  client: IncusClient,
  project: string,
  name: string,
): Promise<ObservedInstance | undefined> {
  const found = await client.getInstance(project, name);
  if (found === undefined) return undefined;
  const path = `/1.0/instances/${encodeURIComponent(name)}/snapshots?${new URLSearchParams({ project })}`;
  const { value } = await client.request<readonly string[] | null>("GET", path);
  return {
    ...toObserved(found.value),
    snapshots: (value ?? []).map((url) =>
      decodeURIComponent(new URL(url, "http://incus").pathname.split("/").at(-1) ?? ""),
    ),
  };
}
