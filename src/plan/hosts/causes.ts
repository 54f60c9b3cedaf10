/** Which inputs changed since what runs was made: flake.lock of its commit beside the one of now. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../exec/run.ts";
import { defined } from "../../util/defined.ts";
import { compareLocks } from "./locks.ts";
import type { ObservedHost } from "./observed.ts";

/** The commit that what runs was made from: as floe noted it there, else as the system itself says. */
export function revisionThatRuns({ current, records = [], configurationRevision }: ObservedHost): string | undefined {
  const record = records.findLast(({ system }) => system === current);
  return (record?.revision ?? configurationRevision)?.replace(/-dirty$/, "");
}

/**
 * Undefined where it cannot be told: the commit is unknown, of another repository, or there is no flake.lock. Never throws for that.
 * @param root the project's folder
 */
export async function causesSince(
  root: string,
  revision: string | undefined,
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  if (revision === undefined || !/^[0-9a-f]{7,64}$/.test(revision)) return undefined;
  const now = await readFile(join(root, "flake.lock"), "utf8").catch(() => undefined);
  if (now === undefined) return undefined;
  const before = await run(["git", "-C", root, "show", `${revision}:./flake.lock`], {
    env: ownRepository,
    ...defined({ signal }),
  }).catch(() => undefined);
  signal?.throwIfAborted();
  return before?.exitCode === 0 ? compareLocks(before.stdout, now) : undefined;
}

// --- internal ---

/** A git hook sets these to its own repository. */
const ownRepository = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
};
