/** What `switch-to-configuration dry-activate` says. Pure. */
import type { UnitChanges } from "../../model/host-plan.ts";

/**
 * Reads the words of NixOS' script (in Perl until 24.05, in Rust after it; one word differs between releases before and after 20.09) and of
 * firn's. A unit that is stopped and started again counts as restarted, as does a service whose socket is: the next connection starts it.
 */
export function parseDryActivate(text: string): UnitChanges {
  const told = new Map<string, Set<string>>();
  for (const line of text.split("\n")) {
    const [, verb = "", names = ""] = sentence.exec(line.trim()) ?? [];
    if (verb === "") continue;
    const key = verb.startsWith("NOT") ? "NOT" : verb;
    const units = told.get(key) ?? new Set<string>();
    for (const name of names.split(/,\s*/)) if (name !== "") units.add(name.trim());
    told.set(key, units);
  }
  const of = (verb: string): ReadonlySet<string> => told.get(verb) ?? new Set();
  return unitChanges({
    stop: of("stop"),
    start: of("start"),
    restart: of("restart"),
    reload: of("reload"),
    notRestarted: of("NOT"),
  });
}

/** What is stopped and started again is restarted; each list sorted. */
export function unitChanges(units: Readonly<Record<keyof UnitChanges, ReadonlySet<string>>>): UnitChanges {
  const { stop, start } = units;
  const comesBack = (name: string): boolean => start.has(name) || start.has(name.replace(/\.service$/, ".socket"));
  const restart = new Set([...units.restart, ...[...stop].filter(comesBack)]);
  return {
    stop: sorted(stop, restart),
    restart: sorted(restart),
    reload: sorted(units.reload, restart),
    start: sorted(start, restart),
    notRestarted: sorted(units.notRestarted, restart),
  };
}

// --- internal ---

const sentence =
  /^would (NOT (?:stop|restart|reload)|stop|restart|reload|start) the following (?:changed )?units(?: as well)?: (.*)$/;

function sorted(names: ReadonlySet<string>, without: ReadonlySet<string> = new Set()): string[] {
  return [...names].filter((name) => !without.has(name)).sort();
}
