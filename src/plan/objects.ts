/** Which objects of a server belong to which instance. Pure. */
import { isOurs, label, type Place, physicalNames, places } from "./labels.ts";
import type { ObservedInstance } from "./observed.ts";
import type { InstanceObjects } from "./recovery.ts";

export interface Group {
  readonly objects: InstanceObjects;
  /** Objects of the instance's names that this fleet did not make, or made for something else. Never touched. */
  readonly foreign: readonly ObservedInstance[];
}

export function groupOf(instances: readonly ObservedInstance[], fleet: string, project: string, name: string): Group {
  const names = physicalNames(name);
  const objects: Partial<Record<Place, ObservedInstance>> = {};
  const foreign: ObservedInstance[] = [];
  for (const place of places) {
    const found = instances.find((instance) => instance.project === project && instance.name === names[place]);
    if (found === undefined) continue;
    if (isOurs(found.config, fleet, name)) objects[place] = found;
    else foreign.push(found);
  }
  return { objects, foreign };
}

/** The logical instances of a fleet that have at least one object here. */
export function instancesOfFleet(
  instances: readonly ObservedInstance[],
  fleet: string,
): { readonly project: string; readonly name: string }[] {
  const found = new Map<string, { readonly project: string; readonly name: string }>();
  for (const { config, project } of instances) {
    const name = config[label.instance];
    // What was kept for its snapshots belongs to nobody but the user.
    if (config[label.fleet] === fleet && name !== undefined && config[label.role] !== "kept")
      found.set(`${project}/${name}`, { project, name });
  }
  return [...found.values()];
}
