/**
 * The same pipeline for flake.lock:
 *
 *     propose → keep → commit, and back
 *
 * Part of "floe/pipeline"; `proposeUpdate`, which needs the evaluation, is in pipeline.ts.
 */
import { join } from "node:path";
import type { Fleet } from "./model/fleet.ts";
import type { Work } from "./pipeline.ts";
import type { UpdateCommit } from "./update/commit.ts";
import { readFlakeLock } from "./update/flake-lock.ts";
import type { InputChange } from "./update/input-changes.ts";
import type { ProposedUpdate } from "./update/propose.ts";
import { readText } from "./util/files.ts";

export type { UpdateCommit } from "./update/commit.ts";
export type { Commits, InputChange, Revision } from "./update/input-changes.ts";
export type { OldInput } from "./update/old-inputs.ts";
export type { PartChange } from "./update/parts.ts";
export type { ProposedUpdate } from "./update/propose.ts";
export type { SecondNixpkgs } from "./update/second-nixpkgs.ts";

/** keep: the proposed lock becomes the project's, and the way back to the one before is written down. @throws StateError when it changed meanwhile */
export async function keepUpdate({ root }: Fleet, { lock }: ProposedUpdate): Promise<void> {
  (await import("./update/record.ts")).keepNewLock(root, lock, Date.now());
}

/** Puts the lock from before the last update back. @throws FloeError when there is none, or when something else came after it */
export async function revertUpdate(
  root: string,
  { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<InputChange[]> {
  return (await import("./update/record.ts")).revertLock(root, { force, signal });
}

/** @throws UsageError where no commit can be made */
export async function requireCommittable(root: string, signal: AbortSignal): Promise<void> {
  return (await import("./update/commit.ts")).requireCommittable(root, signal);
}

/**
 * commit: flake.lock and those of the `generated` files that differ. The message tells what the commit holds: all that is new since the last one.
 * @throws FloeError with git's own words when it refuses
 */
export async function commitUpdate(
  { root }: Fleet,
  { lock }: ProposedUpdate,
  generated: readonly string[],
  { signal }: Pick<Work, "signal">,
): Promise<UpdateCommit | undefined> {
  const [{ commitUpdate: commit }, { commitMessage }, { committedLock }, { movedInputs, toChange }] = await Promise.all(
    [
      import("./update/commit.ts"),
      import("./update/commit-message.ts"),
      import("./update/lock-commit.ts"),
      import("./update/input-changes.ts"),
    ],
  );
  const before = await committedLock(root, signal);
  const after = readFlakeLock(lock.after);
  const moved = after === undefined ? [] : movedInputs(before === undefined ? undefined : readFlakeLock(before), after);
  const message = commitMessage(moved.map((one) => toChange(one, undefined)));
  return commit(root, { files: ["flake.lock", ...generated], message, signal });
}

/** Names of the inputs that flake.lock has and that can be updated. */
export function lockedInputs(root: string): string[] {
  const text = readText(join(root, "flake.lock"));
  return text === undefined ? [] : (readFlakeLock(text)?.own.map(({ path }) => path) ?? []);
}
