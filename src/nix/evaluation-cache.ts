/** Evaluations that were made before. A pure evaluation of equal sources by an equal nix has an equal result, so a hit is exact. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  type Derivation,
  type Evaluated,
  type Evaluation,
  type ImageDerivations,
  partsOf,
} from "../model/evaluation.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import { localSystem } from "./system.ts";

/** Evaluations kept: enough to go back and forth between branches. */
const KEPT = 8;
/** Raised when what is stored changes its meaning. */
const FORMAT = 2;

export interface FleetNames {
  readonly hosts: readonly string[];
  readonly containers: readonly string[];
  readonly shells: readonly string[];
  readonly homes?: readonly string[];
}

/** Everything an evaluation depends on, as one hash: the sources, the names asked for, nix, its settings and the system; `more`: of an existing flake. */
export function evaluationKey(
  stageHash: string,
  nixVersion: string,
  names: FleetNames,
  more?: unknown,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const asked = [names.hosts, names.containers, names.shells, names.homes ?? [], ...(more === undefined ? [] : [more])];
  return sourcesKey(stageHash, nixVersion, asked, env);
}

/** The hash of some sources with all that is not in them: nix, its settings, the system, and what is asked for. */
export function sourcesKey(
  sources: string,
  nixVersion: string,
  asked: unknown,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const parts = [FORMAT, sources, nixVersion, localSystem(), asked, nixSettings(env)];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** The evaluation of that key, if there is one and the store still has its derivations: a collected one must be made again. */
export function recallEvaluation(cacheDir: string, key: string): Evaluation | undefined {
  const found = readEntries(cacheDir).find((entry) => entry.key === key)?.evaluation;
  return found !== undefined && derivationsOf(found).every(({ drvPath }) => existsSync(drvPath)) ? found : undefined;
}

/** Keeps a whole evaluation. One with failures is not kept: a failure may have come from outside, and is worth another try. */
export function rememberEvaluation(cacheDir: string, key: string, evaluation: Evaluation): void {
  if (!partsOf(evaluation).every((item) => item.ok)) return;
  const others = readEntries(cacheDir).filter((entry) => entry.key !== key);
  writeCache(cacheFile(cacheDir), [{ key, evaluation }, ...others].slice(0, KEPT));
}

// --- internal ---

interface Entry {
  readonly key: string;
  readonly evaluation: Evaluation;
}

function cacheFile(cacheDir: string): string {
  return join(cacheDir, "evaluation.json");
}

function readEntries(cacheDir: string): Entry[] {
  const entries = readCache(cacheFile(cacheDir));
  return Array.isArray(entries) ? entries.filter(isEntry) : [];
}

function isEntry(value: unknown): value is Entry {
  return isRecord(value) && typeof value["key"] === "string" && isRecord(value["evaluation"]);
}

function derivationsOf({ hosts, images, homes = {}, shells }: Evaluation): Derivation[] {
  const plain = [hosts, homes, shells]
    .flatMap(Object.values<Evaluated<Derivation>>)
    .flatMap((item) => (item.ok ? [item.value] : []));
  return [...plain, ...Object.values(images).flatMap((item) => (item.ok ? derivationsOfImage(item.value) : []))];
}

function derivationsOfImage({ rootfs, metadata, inPlace }: ImageDerivations): Derivation[] {
  return [rootfs, metadata, ...(inPlace === undefined ? [] : [inPlace.root, inPlace.toplevel])];
}

/** Settings can change an evaluation (which builtins are allowed, which system is meant), so their texts count. */
function nixSettings(env: NodeJS.ProcessEnv): string[] {
  const home = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  const files = [
    join(env["NIX_CONF_DIR"] || "/etc/nix", "nix.conf"),
    ...(env["NIX_USER_CONF_FILES"]?.split(":") ?? [join(home, "nix/nix.conf")]),
  ];
  return [env["NIX_CONFIG"] ?? "", ...files.map(readText)];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
