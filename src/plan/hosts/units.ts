/**
 * What becomes of units, told from the unit files of both systems when the new system cannot be asked itself. It follows what NixOS'
 * `switch-to-configuration` does (nixpkgs: nixos/modules/system/activation). Pure.
 */
import type { UnitChanges } from "../../model/host-plan.ts";
import { unitChanges } from "./dry-activate.ts";

/** The unit files of a system. */
export interface UnitLinks {
  /** Where each link below `etc/systemd/system` points, by its path: `nginx.service`, `multi-user.target.wants/nginx.service`. */
  readonly links: ReadonlyMap<string, string>;
  /** Units that go on running when they are no longer described. */
  readonly keptOnRemoval: ReadonlySet<string>;
}

/** Those of the system that is to run, with their texts. */
export interface NewUnits {
  readonly links: ReadonlyMap<string, string>;
  /** The text of a unit with that of its override; "" where it cannot be read. */
  readonly textOf: (unit: string) => string;
}

export function predictUnits(old: UnitLinks, next: NewUnits, active: ReadonlySet<string>): UnitChanges {
  const found = { stop: set(), start: set(), restart: set(), reload: set(), notRestarted: set() };
  for (const unit of active) {
    const file = fileOf(unit, old.links, next.links);
    if (!old.links.has(file)) continue;
    if (isGone(file, next.links)) {
      if (!old.keptOnRemoval.has(file)) found.stop.add(unit);
    } else if (fingerprint(file, old.links) !== fingerprint(file, next.links)) {
      const settings = settingsOf(next.textOf(file));
      const fate = fateOf(unit, settings);
      found[fate].add(unit);
      if (fate === "restart") for (const socket of socketsOf(unit, settings, active)) found.restart.add(socket);
    }
  }
  for (const unit of wantedBy(active, next.links))
    if (!old.links.has(unit) && !active.has(unit) && !isGone(unit, next.links) && !unit.endsWith(".target"))
      if (!isOn(settingsOf(next.textOf(unit)), "X-OnlyManualStart", false)) found.start.add(unit);
  return unitChanges(found);
}

// --- internal ---

const set = (): Set<string> => new Set();

/** `getty@tty1.service` is described by `getty@.service`, unless it has a file of its own. */
function fileOf(unit: string, ...systems: readonly ReadonlyMap<string, string>[]): string {
  return systems.some((links) => links.has(unit)) ? unit : unit.replace(/@[^.]*\./, "@.");
}

/** Masked counts as gone. */
function isGone(file: string, links: ReadonlyMap<string, string>): boolean {
  return !links.has(file) || links.get(file) === "/dev/null";
}

function fingerprint(file: string, links: ReadonlyMap<string, string>): string {
  return [links.get(file), links.get(`${file}.d/overrides.conf`)].join(" ");
}

/** What happens to a changed unit that runs. What cannot be restarted on its own is left for the next boot. */
function fateOf(unit: string, settings: Settings): "restart" | "reload" | "notRestarted" {
  if (unit.endsWith(".mount")) return "reload";
  if (/\.(?:socket|path|slice|target)$/.test(unit)) return "notRestarted";
  if (isOn(settings, "X-ReloadIfChanged", false)) return "reload";
  const isLeft =
    !isOn(settings, "X-RestartIfChanged", true) ||
    isOn(settings, "RefuseManualStop", false) ||
    isOn(settings, "X-OnlyManualStart", false);
  // Stopped and started or restarted in place (X-StopIfChanged): to a person the same.
  return isLeft ? "notRestarted" : "restart";
}

/** Sockets that start a service: those that run are stopped with it, and start it again. */
function socketsOf(unit: string, settings: Settings, active: ReadonlySet<string>): string[] {
  if (!unit.endsWith(".service") || !isOn(settings, "X-StopIfChanged", true)) return [];
  const named = settings.get("Sockets")?.split(/\s+/) ?? [];
  return (named.length > 0 ? named : [unit.replace(/\.service$/, ".socket")]).filter((socket) => active.has(socket));
}

/** Units that a unit of `active` pulls in. */
function wantedBy(active: ReadonlySet<string>, links: ReadonlyMap<string, string>): string[] {
  const wanted = [...links.keys()].flatMap((path) => {
    const [, by = "", unit = ""] = /^(.+)\.(?:wants|requires)\/(.+)$/.exec(path) ?? [];
    return active.has(by) ? [unit] : [];
  });
  return [...new Set(wanted)];
}

type Settings = ReadonlyMap<string, string>;

function settingsOf(text: string): Settings {
  const pairs = text.split("\n").flatMap((line) => {
    const [, key, value] = /^([^=#;\s]+)\s*=\s*(.*)$/.exec(line.trim()) ?? [];
    return key === undefined ? [] : [[key, value ?? ""] as const];
  });
  return new Map(pairs);
}

function isOn(settings: Settings, key: string, otherwise: boolean): boolean {
  const value = settings.get(key);
  return value === undefined ? otherwise : /^(?:1|yes|true|on)$/.test(value);
}
