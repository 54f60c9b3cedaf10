/** What a flake has that a project does not name yet. Pure. */
import type { AttributePath, Fleet } from "../model/fleet.ts";
import { attributePath } from "./attribute-path.ts";
import { type Entries, entriesOf } from "./config-text.ts";
import type { Found } from "./found.ts";

/** The lines that floe.config.ts lacks, by group; a name or a place that it has already is not repeated. */
export function additionsTo({ hosts, homes, containers, shells }: Fleet, found: Found): Entries {
  const placed = new Set(
    [
      ...[...Object.values(hosts), ...Object.values(homes ?? {})].map(({ from }) => from),
      ...Object.values(containers).map(({ from }) => from?.rootfs),
    ].flatMap((path) => (path === undefined ? [] : [asText(path)])),
  );
  const named = new Set(Object.values(shells).flatMap(({ name, from }) => [name, from ?? name]));
  return entriesOf({
    hosts: found.hosts.filter(({ name, from }) => !(Object.hasOwn(hosts, name) || placed.has(from))),
    homes: found.homes.filter(({ name, from }) => !(Object.hasOwn(homes ?? {}, name) || placed.has(from))),
    containers: found.containers.filter(
      ({ name, from }) => !(Object.hasOwn(containers, name) || placed.has(from.rootfs)),
    ),
    shells: found.shells.filter(({ name }) => !named.has(name)),
  });
}

export function countEntries(entries: Entries): number {
  return entries.hosts.length + entries.homes.length + entries.containers.length + entries.shells.length;
}

// --- internal ---

function asText(path: AttributePath): string {
  return attributePath(path);
}
