/** What a server has that could be taken over: instances and profiles that no fleet owns. */
import type { IncusClient, IncusImage, IncusInstance, IncusProfile } from "../incus/types.ts";
import { label, physicalNames } from "../plan/labels.ts";
import { listWholeInstances } from "../plan/list-instances.ts";

export interface OnServer {
  /** Of no fleet, in the order of their names. */
  readonly free: readonly IncusInstance[];
  /** Names of the instances that a fleet owns, with the fleet's name. */
  readonly owned: Readonly<Record<string, string>>;
  readonly profiles: readonly IncusProfile[];
  readonly images: readonly IncusImage[];
}

/** @throws IncusError */
export async function readServer(client: IncusClient, project: string, signal: AbortSignal): Promise<OnServer> {
  const [all, profiles, images] = await Promise.all([
    listWholeInstances(client, signal),
    client.listProfiles(project, { signal }),
    client.listImages(project, { signal }),
  ]);
  const here = all.filter((instance) => instance.project === project);
  const owned = here.flatMap(({ name, config }) => {
    const fleet = config[label.fleet];
    return fleet === undefined ? [] : [[name, fleet] as const];
  });
  return {
    free: here.filter(({ config }) => config[label.fleet] === undefined).sort((a, b) => (a.name < b.name ? -1 : 1)),
    owned: Object.fromEntries(owned),
    profiles,
    images,
  };
}

/** Why floe cannot take an instance of this name; undefined when it can. */
export function obstacleOf({ name }: Pick<IncusInstance, "name">): string | undefined {
  const reserved = Object.values(physicalNames("")).filter((suffix) => suffix !== "");
  if (name.length > 54) return "its name is longer than 54 characters, and an update needs room for more";
  const suffix = reserved.find((end) => name.endsWith(end));
  return suffix === undefined ? undefined : `its name ends with "${suffix}", which an update uses`;
}
