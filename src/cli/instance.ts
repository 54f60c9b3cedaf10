/** Finding the instance that a verb names, and the server it is on. */
import { UsageError } from "../errors.ts";
import { type Fleet, type Instance, instancesOf } from "../model/fleet.ts";
import { connectTo, type InstanceConnection } from "../pipeline.ts";
import { nearest } from "../util/nearest.ts";
import type { Cli } from "./context.ts";

/** The names under which a swap keeps an instance's predecessor and its failed successor. */
const keptSuffixes = /-(previous|failed|next|outgoing)$/;

/**
 * The described instance that a name means: its own, or with `allowKept` the one of an object that floe keeps beside it (`web-1-failed`).
 * @throws UsageError with the nearest name
 */
export function findInstance(fleet: Fleet, name: string, options: { readonly allowKept?: boolean } = {}): Instance {
  const plain = name.replace(/^instance:/, "");
  const instances = instancesOf(fleet);
  const found = instances.find((instance) => instance.name === plain);
  if (found !== undefined) return found;
  const base =
    options.allowKept === true
      ? instances.find((instance) => instance.name === plain.replace(keptSuffixes, ""))
      : undefined;
  if (base !== undefined) return base;
  const container = fleet.containers[plain];
  const names = container === undefined ? instances.map((instance) => instance.name) : Object.keys(container.instances);
  const near = container === undefined ? nearest(plain, names) : undefined;
  throw new UsageError(
    container === undefined
      ? `There is no instance named "${plain}"`
      : `"${plain}" is a container, not one of its instances`,
    {
      hint:
        near !== undefined
          ? `Did you mean ${near}?`
          : names.length === 0
            ? "The fleet has no instances yet"
            : `There are: ${names.join(", ")}`,
    },
  );
}

/** Connects to the server of a named instance. @throws UsageError, MissingError, IncusError */
export async function openInstance(cli: Cli, fleet: Fleet, name: string): Promise<InstanceConnection> {
  const instance = findInstance(fleet, name, { allowKept: true });
  return {
    client: await connectTo(fleet, instance.server, cli.signal),
    project: instance.project,
    name: name.replace(/^instance:/, ""),
  };
}
