import type { HealthCheck } from "../model/fleet.ts";
import { nearest } from "../util/nearest.ts";
import type { Field } from "./field.ts";
import { readHealthCheck } from "./health.ts";
import { defaultSystem, readSystem } from "./system.ts";
import { readTags } from "./tags.ts";

/** What a host says of itself beside its module. */
export interface ReadHost {
  readonly system: string;
  readonly target: string | undefined;
  readonly tags: readonly string[];
  readonly health: readonly HealthCheck[];
}

export function readHost(field: Field, servers: readonly string[]): ReadHost {
  const keys = field.keys("system", "target", "tags", "health", "nixpkgs", "specialArgs");
  return {
    system: keys.system.optional(readSystem) ?? defaultSystem,
    target: keys.target.optional((target) => readTarget(target, servers)),
    tags: readTags(keys.tags),
    health: keys.health.list(readHealthCheck),
  };
}

/** `local`, an SSH destination, or `incus:SERVER/INSTANCE`. */
function readTarget(field: Field, servers: readonly string[]): string {
  const target = field.textLike(
    (text) => /^[^\s-]\S*$/.test(text),
    'be "local", an SSH destination such as "root@crown.lan", or "incus:SERVER/INSTANCE"',
  );
  if (!target.startsWith("incus:")) return target;
  const [server = "", instance = "", ...rest] = target.slice("incus:".length).split("/");
  if (server === "" || instance === "" || rest.length > 0) field.must('be "incus:SERVER/INSTANCE"');
  else if (!servers.includes(server)) {
    const suggestion = nearest(server, servers);
    field.report(
      `Unknown server "${server}" in ${field.label}${suggestion === undefined ? "" : `; did you mean "${suggestion}"?`}`,
    );
  }
  return target;
}
