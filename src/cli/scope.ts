/** What the selectors of `plan` and `apply` mean: addresses of instances. */
import { UsageError } from "../errors.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { PlanScope } from "../pipeline.ts";
import { select } from "./selectors.ts";

/** Whether anything of these selectors is an instance; without any, everything is meant. @throws UsageError for one that fits nothing */
export function hasInstances(fleet: Fleet, selectors: readonly string[]): boolean {
  return selectors.length === 0 || select(fleet, selectors).instances.size > 0;
}

/** @throws UsageError for a selector that fits nothing, or only hosts */
export function scopeOf(fleet: Fleet, selectors: readonly string[], prune: boolean): PlanScope {
  if (selectors.length === 0) return { selection: null, prune };
  if (prune) throw new UsageError("--prune is about the whole fleet and takes no selector");
  const { instances } = select(fleet, selectors);
  if (instances.size === 0)
    throw new UsageError(`No instance is chosen by ${selectors.join(" ")}`, {
      hint: "floe apply works on instances; floe switch on hosts",
    });
  return {
    selection: instancesOf(fleet)
      .filter(({ name }) => instances.has(name))
      .map(({ server, project, name }) => `${server}/${project}/${name}`),
    prune,
  };
}
