import { existsSync } from "node:fs";
import { join } from "node:path";
import { StateError } from "../errors.ts";
import { writeFileWhole } from "../util/files.ts";
import type { NixTool } from "./find.ts";
import type { Network } from "./network.ts";

const EMPTY_REGISTRY = JSON.stringify({ flakes: [], version: 2 });

/**
 * The beginning of every nix command of floe: the program and the settings that make it behave the same on every machine. Flakes are on
 * whatever nix.conf says; the global flake registry is never downloaded; and without a network no binary cache is waited for.
 */
export function nixArgv(nix: NixTool, network: Network): [string, ...string[]] {
  const offline = network.online
    ? []
    : ["--option", "substituters", network.substituters.join(" "), "--option", "download-attempts", "1"];
  return [
    nix.command,
    ...["--extra-experimental-features", "nix-command flakes"],
    ...["--option", "warn-dirty", "false"],
    ...["--option", "flake-registry", registryFile(nix.cacheDir)],
    ...offline,
  ];
}

/** A registry without entries. A file, because 2.8 has no way to say "none". @throws StateError */
function registryFile(cacheDir: string): string {
  const path = join(cacheDir, "registry.json");
  if (existsSync(path)) return path;
  try {
    writeFileWhole(path, EMPTY_REGISTRY);
  } catch (cause) {
    throw new StateError(`"${cacheDir}" cannot be written: ${(cause as Error).message}`, {
      hint: "floe doctor says who may",
      cause,
    });
  }
  return path;
}
