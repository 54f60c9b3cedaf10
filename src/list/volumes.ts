/** Volumes: whose they are, and which nothing uses. Pure. */
import type { IncusVolume } from "../incus/types.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import { label } from "../plan/labels.ts";

export interface ListedVolume {
  readonly server: string;
  readonly project: string;
  readonly pool: string;
  readonly name: string;
  /**
   * `declared`: an instance of the fleet has it. `orphan`: the fleet made it and describes it no more. `unused`: somebody else's
   * that nothing is attached to. `foreign`: somebody else's that is in use.
   */
  readonly state: "declared" | "orphan" | "unused" | "foreign";
  /** Instances of the fleet that are described with it. */
  readonly declaredBy: readonly string[];
  /** What it is attached to: instances, the kept predecessors of a swap too, and profiles. */
  readonly usedBy: readonly string[];
  /** Its size limit as Incus holds it; null where there is none. */
  readonly limit: string | null;
  readonly description: string;
}

/** A volume with the pool that it is in. */
export type FoundVolume = IncusVolume & { readonly pool: string };

export function listVolumes(fleet: Fleet, server: string, volumes: readonly FoundVolume[]): ListedVolume[] {
  // A snapshot of a volume is called VOLUME/SNAPSHOT.
  const whole = volumes.filter(({ name }) => !name.includes("/"));
  return whole.map((volume): ListedVolume => {
    const { name, pool, project = "default", config, description, used_by } = volume;
    const declaredBy = instancesOf(fleet)
      .filter((instance) => instance.server === server && instance.project === project)
      .filter(({ volumes: own }) => Object.values(own).some((one) => one.pool === pool && one.name === name))
      .map((instance) => instance.name);
    const usedBy = used_by.map(nameOf);
    return {
      server,
      project,
      pool,
      name,
      state: stateOf(config[label.fleet] === fleet.name, declaredBy, usedBy),
      declaredBy,
      usedBy,
      limit: config["size"] ?? null,
      description,
    };
  });
}

// --- internal ---

function stateOf(isOwn: boolean, declaredBy: readonly string[], usedBy: readonly string[]): ListedVolume["state"] {
  if (declaredBy.length > 0) return "declared";
  if (isOwn) return "orphan";
  return usedBy.length === 0 ? "unused" : "foreign";
}

/** `/1.0/instances/web?project=p` → `web`, `/1.0/profiles/media` → `profile media`. */
function nameOf(path: string): string {
  const { pathname } = new URL(path, "http://incus");
  const [, , kind, name = ""] = pathname.split("/");
  return `${kind === "profiles" ? "profile " : ""}${decodeURIComponent(name)}`;
}
