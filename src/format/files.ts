/** The files of a project that tools are for: what git tracks or would track, without what is excluded. */
import { readdirSync } from "node:fs";
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

/** Paths relative to the root, sorted; files that were deleted may be among them. @throws FloeError when git is needed and is not there */
export async function listFiles({ root, staged, paths, signal }: FileQuestion): Promise<string[]> {
  const listed = staged ? await stagedFiles(root, signal) : ((await trackedFiles(root, signal)) ?? walk(root, ""));
  return wantedOf(listed, paths).sort();
}

/** Those that the paths name, or that lie in folders that they name. */
export function wantedOf(listed: readonly string[], paths: readonly string[]): string[] {
  const wanted = paths.map((path) => path.replace(/\/+$/, ""));
  const isWanted = (file: string): boolean =>
    wanted.length === 0 || wanted.some((path) => path === "" || file === path || file.startsWith(`${path}/`));
  return listed.filter(isWanted);
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

/** Undefined when git fails, or is not there. */
export async function askGit(root: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const result = await run(["git", ...args], { cwd: root, signal, plainLocale: true }).catch(() => undefined);
  return result?.exitCode === 0 ? result.stdout : undefined;
}

/** What `-z` of git separates. */
export function namesOf(text: string): string[] {
  return text.split("\0").filter((name) => name !== "");
}

// --- internal ---

/** A pattern without a slash fits the name in any folder; one that ends in a slash, all below it. git's paths need no normalising. */
function matcherOf(patterns: readonly string[]): (file: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const below = pattern.endsWith("/") ? `${pattern}**` : pattern;
    return picomatch.makeRe(below.includes("/") ? below : `**/${below}`, { dot: true });
  });
  return (file) => expressions.some((expression) => expression.test(file));
}

/** Undefined where there is no repository. Deleted files are still in the index: they are among these. */
async function trackedFiles(root: string, signal: AbortSignal): Promise<string[] | undefined> {
  const listed = await askGit(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], signal);
  return listed === undefined ? undefined : [...new Set(namesOf(listed))];
}

async function stagedFiles(root: string, signal: AbortSignal): Promise<string[]> {
  const argv = ["git", "diff", "--cached", "--name-only", "--relative", "-z", "--diff-filter=ACMR"] as const;
  const result = await run(argv, { cwd: root, signal, plainLocale: true });
  if (result.exitCode === 0) return namesOf(result.stdout);
  throw new FloeError(`git cannot say what is staged in "${root}": ${result.stderr.trim()}`, {
    hint: "--staged is for a folder that is a git repository",
  });
}

const skipped = new Set([".git", "node_modules", ".floe", "result"]);

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(root, path) : entry.isFile() ? [path] : [];
  });
}
