/** What a commit would hold, as a folder: a check of staged files must not look at what is not staged. */
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";

/** Calls `use` with a folder that holds git's index below `root`, and the project's node_modules; removes it afterwards. @throws FloeError */
export async function withStagedTree<T>(
  root: string,
  signal: AbortSignal,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "floe-staged-"));
  try {
    const prefix = (await git(root, ["rev-parse", "--show-prefix"], signal)).trim();
    await git(root, ["checkout-index", "--all", "--force", `--prefix=${folder}/`], signal);
    const inside = join(folder, prefix);
    const modules = join(root, "node_modules");
    if (existsSync(modules) && !existsSync(join(inside, "node_modules")))
      symlinkSync(modules, join(inside, "node_modules"));
    return await use(inside);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of these files, those that have changes besides the staged ones. */
export async function partlyStaged(root: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = await git(root, ["diff", "--name-only", "--relative", "-z"], signal);
  return new Set(names.split("\0").filter((name) => name !== ""));
}

/** @throws FloeError */
export async function stage(root: string, files: readonly string[], signal: AbortSignal): Promise<void> {
  if (files.length > 0) await git(root, ["add", "--", ...files], signal);
}

// --- internal ---

async function git(root: string, words: readonly string[], signal: AbortSignal): Promise<string> {
  const result = await run(["git", ...words], { cwd: root, signal, plainLocale: true });
  if (result.exitCode === 0) return result.stdout;
  throw new FloeError(`git ${words[0]} failed in "${root}": ${result.stderr.trim()}`, {
    hint: "--staged is for a folder that is a git repository",
  });
}
