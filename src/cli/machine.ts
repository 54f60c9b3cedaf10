/** The machine that a question about options is for. */
import { hostname } from "node:os";
import { UsageError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { configuredContainers } from "../model/taken-over.ts";
import { nearest } from "../util/nearest.ts";
import { listed } from "./render/words.ts";

/**
 * The host, container or home of that name; without one this machine's host, or the only one there is.
 * @throws UsageError when that decides nothing
 */
export function machineNamed(fleet: Fleet, name: string | undefined): string {
  const hosts = Object.keys(fleet.hosts);
  const machines = [...hosts, ...Object.keys(configuredContainers(fleet)), ...Object.keys(fleet.homes ?? {})];
  if (machines.length === 0)
    throw new UsageError("The fleet has no hosts, containers or homes", { hint: "Write one: hosts/NAME.ts" });
  if (name !== undefined) {
    if (machines.includes(name)) return name;
    const near = nearest(name, machines);
    throw new UsageError(`There is no host, container or home "${name}"`, {
      hint: near === undefined ? `There is ${listed(machines)}` : `Did you mean ${near}?`,
    });
  }
  const here = hostname().split(".")[0] ?? "";
  const [first, ...others] = hosts.includes(here) ? [here] : hosts.length > 0 ? hosts : machines;
  if (first !== undefined && others.length === 0) return first;
  throw new UsageError("Which host is meant?", { hint: `Name one: ${listed(machines)}` });
}

/** As `machineNamed`, but any host will do where none is named: they declare much the same. */
export function anyMachine(fleet: Fleet, name: string | undefined): string {
  const [first] = [fleet.hosts, configuredContainers(fleet), fleet.homes ?? {}].flatMap((group) => Object.keys(group));
  return name === undefined && first !== undefined ? first : machineNamed(fleet, name);
}
