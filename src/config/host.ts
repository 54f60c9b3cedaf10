import type { AttributePath, HealthCheck, Host } from "../model/fleet.ts";
import { durationForms, parseDuration } from "../util/duration.ts";
import { nearest } from "../util/nearest.ts";
import { readAttributePath } from "./existing-flake.ts";
import type { Field } from "./field.ts";
import { readHealthCheck } from "./health.ts";
import { defaultSystem, readSystem } from "./system.ts";
import { readTags } from "./tags.ts";

/** What a host says of itself beside its module. */
export interface ReadHost {
  readonly from: AttributePath | undefined;
  readonly system: string;
  readonly target: string | undefined;
  readonly tags: readonly string[];
  readonly health: readonly HealthCheck[];
  readonly elevation: Host["elevation"];
  readonly build: Host["build"];
  readonly substitute: boolean | undefined;
  readonly dependsOn: readonly string[] | undefined;
  readonly confirmMs: number | undefined;
  readonly keep: number | undefined;
}

export function readHost(field: Field, servers: readonly string[]): ReadHost {
  const keys = field.keys(...hostKeys);
  return {
    from: keys.from.optional((from) => readAttributePath(from, '"nixosConfigurations.crown"')),
    system: keys.system.optional(readSystem) ?? defaultSystem,
    target: keys.target.optional((target) => readTarget(target, servers)),
    tags: readTags(keys.tags),
    health: keys.health.list(readHostCheck),
    elevation: keys.elevation.optional((elevation) => oneOf(elevation, ["sudo", "run0", "doas"])),
    build: keys.build.optional((build) => oneOf(build, ["here", "target"])),
    substitute: keys.substitute.optional((substitute) => substitute.flag(true)),
    dependsOn: keys.dependsOn.optional((names) => names.list((name) => name.text("be the name of a host"))),
    confirmMs: keys.confirm.optional(readConfirm),
    keep: keys.keep.optional((keep) => keep.integer(1, 1000)),
  };
}

// --- internal ---

// biome-ignore format: a list to look through, not to read
const hostKeys = [
  "from", "system", "target", "tags", "health", "elevation", "build", "substitute", "dependsOn", "confirm", "keep", "nixpkgs", "specialArgs",
] as const;

/** Shorter than this, a slow machine would go back before floe can reach it; longer, and one that is lost stays lost for too long. */
const shortestConfirmMs = 5000;
const longestConfirmMs = 3_600_000;

function readConfirm(field: Field): number {
  const ms = parseDuration(field.value);
  if (ms !== undefined && ms >= shortestConfirmMs && ms <= longestConfirmMs) return ms;
  field.must(`be from 5 seconds to an hour: ${durationForms}`);
  return shortestConfirmMs;
}

/** A host has no server that could ask from its side, and nobody to whom it says that it is ready. */
function readHostCheck(field: Field): HealthCheck {
  const check = readHealthCheck(field);
  if (check.kind === "ready")
    field.fail('is "ready", which is for instances', 'Use "systemd", "http", "tcp" or "exec" for a host');
  if (check.from === "server")
    field.fail(
      'is asked from a "server", which is for instances',
      'What only the machine itself reaches is asked there: { exec: ["curl", "-fsS", "http://127.0.0.1/"] }',
    );
  return check;
}

function oneOf<const Word extends string>(field: Field, words: readonly Word[]): Word {
  const found = words.find((word) => word === field.value);
  if (found === undefined) field.must(`be ${words.map((word) => `"${word}"`).join(" or ")}`);
  return found ?? (words[0] as Word);
}

/** `local`, an SSH destination, `incus:SERVER/INSTANCE`, or `incus:SERVER/PROJECT/INSTANCE`. */
function readTarget(field: Field, servers: readonly string[]): string {
  const target = field.textLike(
    (text) => /^[^\s-]\S*$/.test(text),
    'be "local", an SSH destination such as "root@crown.lan", or "incus:SERVER/INSTANCE"',
  );
  if (!target.startsWith("incus:")) return target;
  const [server = "", ...path] = target.slice("incus:".length).split("/");
  if (server === "" || path.length < 1 || path.length > 2 || path.includes(""))
    field.must('be "incus:SERVER/INSTANCE" or "incus:SERVER/PROJECT/INSTANCE"');
  else if (!servers.includes(server)) {
    const suggestion = nearest(server, servers);
    field.report(
      `Unknown server "${server}" in ${field.label}${suggestion === undefined ? "" : `; did you mean "${suggestion}"?`}`,
    );
  }
  return target;
}
