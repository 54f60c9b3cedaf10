/** The systems of instances that are updated in place: their way to the machine of a server, and their GC roots there. */
import type { StringMap } from "../../incus/types.ts";
import { systemsOf } from "../../plan/generations.ts";
import { type ApplyContext, messageOf, step, type Target } from "../context.ts";
import { readObjects } from "../objects.ts";

/** Whose systems are kept: one instance of a fleet, whatever its objects are called at the moment. */
export interface SystemOwner {
  /** The server's name in the fleet. */
  readonly server: string;
  readonly fleet: string;
  readonly project: string;
  readonly instance: string;
}

/** What knows Nix, and the store of each server's machine. */
export interface Systems {
  /** Builds the systems of these containers, all at once. A failure is told by the `deliver` that needs the system. */
  build(containers: readonly string[]): Promise<void>;
  /**
   * Brings the system's closure to the server's machine, unless it is there, and protects it from being collected.
   * @throws FloeError when it was not built, cannot be copied or cannot be protected
   */
  deliver(owner: SystemOwner, system: string): Promise<void>;
  /** Ends the protection of all systems of the owner but these. */
  retain(owner: SystemOwner, systems: readonly string[]): Promise<void>;
}

export function ownerOf({ fleet }: Pick<ApplyContext, "fleet">, { client, project, name }: Target): SystemOwner {
  return { server: client.server.name, fleet, project, instance: name };
}

/** Before anything that may boot or switch to it. */
export async function deliverSystem(
  context: ApplyContext,
  target: Target,
  systems: Systems,
  system: string,
): Promise<void> {
  await step(context, target.address, "copy", () => systems.deliver(ownerOf(context, target), system), system);
}

/**
 * What no object of the instance boots, runs or goes back to may be collected from now on; what a snapshot was made of stays.
 * Nothing that runs needs this, so a failure is a warning. `also` is what the container booted and still has open.
 */
export async function retainSystems(
  context: ApplyContext,
  target: Target,
  systems: Systems,
  also: readonly string[] = [],
): Promise<void> {
  try {
    const objects = Object.values(await readObjects(target, context.fleet));
    const configs = await Promise.all(
      objects.map(async ({ name, config }) => [config, ...(await snapshotConfigs(target, name))]),
    );
    const needed = new Set([...configs.flat().flatMap(systemsOf), ...also]);
    await step(context, target.address, "retain", () => systems.retain(ownerOf(context, target), [...needed]));
  } catch (error) {
    context.emit({
      type: "message",
      level: "warning",
      text: `Old systems of "${target.name}" are kept from being collected for longer: ${messageOf(error)}`,
    });
  }
}

// --- internal ---

async function snapshotConfigs({ client, project }: Target, name: string): Promise<StringMap[]> {
  const query = new URLSearchParams({ project, recursion: "1" });
  const path = `/1.0/instances/${encodeURIComponent(name)}/snapshots?${query}`;
  const { value } = await client.request<readonly { readonly config?: StringMap | null }[] | null>("GET", path);
  return (value ?? []).map(({ config }) => config ?? {});
}
