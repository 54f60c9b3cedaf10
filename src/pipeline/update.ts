/**
 * The same pipeline for flake.lock:
 *
 *     propose → keep → commit, and back
 *
 * Part of "floe/pipeline".
 */
import { join } from "node:path";
import { builtContainers, type Fleet } from "../model/fleet.ts";
import { localSystem } from "../nix/system.ts";
import type { Updated } from "../nix/update.ts";
import type { UpdateCommit } from "../update/commit.ts";
import { readFlakeLock } from "../update/flake-lock.ts";
import type { InputChange } from "../update/input-changes.ts";
import type { ProposedUpdate } from "../update/propose.ts";
import { readText } from "../util/files.ts";
import { withCopy } from "./copy.ts";
import { evaluateIn } from "./evaluate.ts";
import { allNames, builtNames } from "./names.ts";
import { nixOf } from "./nix-of.ts";
import { cacheDir, type Work } from "./work.ts";

/** Newer revisions of inputs, in flake.lock. The flake files must be written. @throws NixError: then the lock is as it was */
export async function updateInputs(
  { root }: Fleet,
  inputs: readonly [string, ...string[]],
  work: Work,
): Promise<Updated> {
  const { updateInputs: update } = await import("../nix/update.ts");
  return update({ nix: await nixOf({ root }), root, cacheDir: cacheDir(root), inputs, ...work });
}

/**
 * propose: what newer revisions of these inputs, or of all, would change. Found out in a copy; the flake files must be written, and nothing else is.
 * @throws UsageError for a name that is no input, NixError when an input cannot be fetched
 */
export async function proposeUpdate(
  fleet: Fleet,
  { names, build }: { readonly names: readonly string[]; readonly build: boolean },
  work: Work,
): Promise<ProposedUpdate> {
  const cache = cacheDir(fleet.root);
  const [nix, { proposeUpdate: propose }, { updateInputs: update }, { askStdenvs }, { buildProblems }] =
    await Promise.all([
      nixOf(fleet),
      import("../update/propose.ts"),
      import("../nix/update.ts"),
      import("../nix/ask-stdenvs.ts"),
      import("../update/build-problems.ts"),
    ]);
  const { builders = [] } = fleet;
  return withCopy(fleet, undefined, work, (copy) =>
    propose({
      copy,
      names,
      nix,
      declared: fleet.inputs,
      language: fleet.flake === undefined ? "typescript" : "nix",
      now: Date.now(),
      update: (inputs) => update({ nix, root: copy, cacheDir: cache, inputs, ...work }),
      evaluate: () => evaluateIn(copy, fleet, builtNames(fleet, allNames(fleet)), work),
      stdenvs: (paths) =>
        askStdenvs(paths, { nix, root: copy, cacheDir: cache, systems: systemsOf(fleet), signal: work.signal }),
      ...(build && {
        build: (wanted) => buildProblems({ nix, wanted, builders, rootsDir: join(copy, "roots"), ...work }),
      }),
      ...work,
    }),
  );
}

/** keep: the proposed lock becomes the project's, and the way back to the one before is written down. @throws StateError when it changed meanwhile */
export async function keepUpdate({ root }: Fleet, { lock }: ProposedUpdate): Promise<void> {
  (await import("../update/record.ts")).keepNewLock(root, lock, Date.now());
}

/** Puts the lock from before the last update back. @throws FloeError when there is none, or when something else came after it */
export async function revertUpdate(
  root: string,
  { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<InputChange[]> {
  return (await import("../update/record.ts")).revertLock(root, { force, signal });
}

/** @throws UsageError where no commit can be made */
export async function requireCommittable(root: string, signal: AbortSignal): Promise<void> {
  return (await import("../update/commit.ts")).requireCommittable(root, signal);
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
      import("../update/commit.ts"),
      import("../update/commit-message.ts"),
      import("../update/lock-commit.ts"),
      import("../update/input-changes.ts"),
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

// --- internal ---

/** For which its parts are built; shells are for this machine. */
function systemsOf(fleet: Fleet): string[] {
  const parts = [fleet.hosts, builtContainers(fleet), fleet.homes ?? {}].flatMap((of) => Object.values(of));
  return [...new Set([...parts.map(({ system }) => system), localSystem()])].sort();
}
