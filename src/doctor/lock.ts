/** flake.lock: can it be read, and is it of now? */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import { readFlakeLock } from "../update/flake-lock.ts";
import { readText } from "../util/files.ts";
import { type Finding, finding } from "./finding.ts";
import { isWritable } from "./writable.ts";

export interface LockFindings {
  readonly findings: readonly Finding[];
  /** The newest of its inputs, milliseconds since the epoch. */
  readonly newestMs?: number;
}

export function checkFlakeLock(root: string, fleet: Fleet | undefined): LockFindings {
  const say = finding("project", "flake-lock");
  const path = join(root, "flake.lock");
  const text = readText(path);
  if (text === undefined && existsSync(path))
    return { findings: [say("fail", `"${path}" cannot be read`, `chown $USER ${path}`)] };
  if (text === undefined) {
    const needsOne = Object.values(fleet?.inputs ?? {}).some(({ kind }) => kind === "url");
    return { findings: needsOne ? [say("info", "There is no flake.lock yet; the first evaluation makes it")] : [] };
  }
  const lock = readFlakeLock(text);
  if (lock === undefined) {
    const isConflict = /^<{7} /m.test(text);
    return {
      findings: [
        say(
          "fail",
          isConflict ? "flake.lock holds a merge conflict" : "flake.lock is no lock file: nix cannot read it",
          isConflict ? "git checkout --theirs flake.lock, then: floe update" : "git checkout flake.lock, or delete it",
        ),
      ],
    };
  }
  const newest = Math.max(0, ...lock.all.map(({ lastModified = 0 }) => lastModified)) * 1000;
  const missing = Object.entries(fleet?.inputs ?? {}).flatMap(([name, { kind }]) =>
    kind === "url" && lock.find(name) === undefined ? [name] : [],
  );
  const findings = [
    ...(isWritable(path)
      ? []
      : [say("warn", `"${path}" is not writable: floe update cannot change it`, `chown $USER ${path}`)]),
    missing.length === 0
      ? say("ok", `flake.lock has ${lock.own.length} inputs`)
      : say("info", `flake.lock does not have ${missing.join(", ")} yet; the next evaluation adds what is missing`),
  ];
  return { findings, newestMs: newest };
}
