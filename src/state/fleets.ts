/** The fleets of this user by name, so that a verb can be used from any folder: kept in the user's own state folder, and only a help for finding them. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isRecord, readCache, writeCache } from "../util/files.ts";

export interface KnownFleet {
  readonly name: string;
  /** The project's folder. */
  readonly root: string;
}

/** Those that are still where they were. */
export function knownFleets(env: NodeJS.ProcessEnv = process.env): KnownFleet[] {
  const known = readCache(fileOf(env));
  if (!isRecord(known)) return [];
  return Object.entries(known).flatMap(([name, root]) =>
    typeof root === "string" && existsSync(join(root, "floe.config.ts")) ? [{ name, root }] : [],
  );
}

export function rememberPlace({ name, root }: KnownFleet, env: NodeJS.ProcessEnv = process.env): void {
  const known = readCache(fileOf(env));
  const before = isRecord(known) ? known : {};
  if (before[name] !== root) writeCache(fileOf(env), { ...before, [name]: root });
}

// --- internal ---

function fileOf(env: NodeJS.ProcessEnv): string {
  return join(env["XDG_STATE_HOME"] || join(env["HOME"] || homedir(), ".local", "state"), "floe", "fleets.json");
}
