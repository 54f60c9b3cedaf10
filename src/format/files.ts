/** The files of a project that tools are for: what git tracks or would track, without what is excluded. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import picomatch from "picomatch";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Tooling, ToolRule } from "../model/tooling.ts";

export interface FileQuestion {
  readonly root: string;
  /** Only what is in git's index and differs from the last commit. */
  readonly staged: boolean;
  /** Paths relative to the root, of files and folders; empty: everything. */
  readonly paths: readonly string[];
  readonly signal: AbortSignal;
}

/** Paths relative to the root, sorted. @throws FloeError when git is needed and is not there */
export async function listFiles({ root, staged, paths, signal }: FileQuestion): Promise<string[]> {
  const listed = staged ? await stagedFiles(root, signal) : ((await trackedFiles(root, signal)) ?? walk(root, ""));
  const wanted = paths.map((path) => path.replace(/\/+$/, ""));
  const isWanted = (file: string): boolean =>
    wanted.length === 0 || wanted.some((path) => path === "" || file === path || file.startsWith(`${path}/`));
  return listed.filter(isWanted).sort();
}

/** The tools for each file, by its path; files without any are left out. What floe itself writes is not for them. */
export function assign(
  files: readonly string[],
  rules: readonly ToolRule[],
  { exclude }: Pick<Tooling, "exclude">,
): Map<ToolRule["tools"][number], string[]> {
  const isExcluded = matcherOf([...exclude, "flake.lock"]);
  const byTool = new Map<ToolRule["tools"][number], string[]>();
  for (const { pattern, tools } of rules) {
    const fits = matcherOf([pattern]);
    const own = files.filter((file) => fits(file) && !isExcluded(file));
    for (const tool of tools) byTool.set(tool, [...(byTool.get(tool) ?? []), ...own]);
  }
  return byTool;
}

// --- internal ---

/** A pattern without a slash fits the name in any folder; one that ends in a slash, all below it. */
function matcherOf(patterns: readonly string[]): (file: string) => boolean {
  const globs = patterns.map((pattern) => {
    const below = pattern.endsWith("/") ? `${pattern}**` : pattern;
    return below.includes("/") ? below : `**/${below}`;
  });
  return globs.length === 0 ? () => false : picomatch(globs, { dot: true });
}

/** Undefined where there is no repository. Deleted files are still in the index. */
async function trackedFiles(root: string, signal: AbortSignal): Promise<string[] | undefined> {
  const argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"] as const;
  const result = await run(argv, { cwd: root, signal, plainLocale: true }).catch(() => undefined);
  if (result?.exitCode !== 0) return undefined;
  return [...new Set(namesOf(result.stdout))].filter((file) => existsSync(join(root, file)));
}

async function stagedFiles(root: string, signal: AbortSignal): Promise<string[]> {
  const argv = ["git", "diff", "--cached", "--name-only", "--relative", "-z", "--diff-filter=ACMR"] as const;
  const result = await run(argv, { cwd: root, signal, plainLocale: true });
  if (result.exitCode === 0) return namesOf(result.stdout);
  throw new FloeError(`git cannot say what is staged in "${root}": ${result.stderr.trim()}`, {
    hint: "--staged is for a folder that is a git repository",
  });
}

function namesOf(text: string): string[] {
  return text.split("\0").filter((name) => name !== "");
}

const skipped = new Set([".git", "node_modules", ".floe", "result"]);

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(root, path) : entry.isFile() ? [path] : [];
  });
}
