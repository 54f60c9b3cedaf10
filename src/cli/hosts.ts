/** Which hosts a verb means. */
import { UsageError } from "../errors.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import { thisHost } from "../pipeline.ts";
import { nearest } from "../util/nearest.ts";
import { listed } from "./render/words.ts";
import { select } from "./selectors.ts";

/** The hosts that the selectors choose; without one this machine's. @throws UsageError */
export async function chosenHosts(fleet: Fleet, selectors: readonly string[]): Promise<Host[]> {
  if (selectors.length === 0) return [hostOfThisMachine(fleet, await thisHost())];
  const { hosts } = select(fleet, selectors);
  if (hosts.size === 0)
    throw new UsageError(`No host is chosen by ${selectors.join(" ")}`, { hint: hostsThereAre(fleet) });
  return [...hosts].sort().map((name) => fleet.hosts[name] as Host);
}

// --- internal ---

function hostOfThisMachine(fleet: Fleet, name: string): Host {
  const host = fleet.hosts[name];
  if (host !== undefined) return host;
  const near = nearest(name, Object.keys(fleet.hosts));
  throw new UsageError(`This machine is called "${name}", and the fleet has no host of that name`, {
    hint: `${near === undefined ? "" : `Is it ${near}? `}${hostsThereAre(fleet)}`,
  });
}

function hostsThereAre({ hosts }: Fleet): string {
  const names = Object.keys(hosts);
  return names.length === 0 ? "The fleet has no hosts: write hosts/NAME.ts" : `Name one: ${listed(names)}`;
}
