/** What the selectors of `plan` and `apply` mean: addresses of instances. */
import { UsageError } from "../errors.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { PlanScope } from "../pipeline.ts";
import { select } from "./selectors.ts";

/** @throws UsageError for a selector that fits nothing, or only hosts, which have no plan yet */
export function scopeOf(fleet: Fleet, selectors: readonly string[], prune: boolean): PlanScope {
  if (selectors.length === 0) return { selection: null, prune };
  if (prune) throw new UsageError("--prune is about the whole fleet and takes no selector");
  const { instances } = select(fleet, selectors);
  if (instances.size === 0)
    throw new UsageError(`No instance is chosen by ${selectors.join(" ")}`, {
      hint: "floe plan and apply work on instances; floe build builds hosts",
    });
  return {
    selection: instancesOf(fleet)
      .filter(({ name }) => instances.has(name))
      .map(({ server, project, name }) => `${server}/${project}/${name}`),
    prune,
  };
}
