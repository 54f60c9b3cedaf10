/**
 * `.floe/cache/fmt-clean`: that all files of the project were found formatted, and all that this depends on. The front of floe (src/front.sh) reads
 * it and answers `floe fmt` without Node while none of that has changed.
 */
import { existsSync, lstatSync, realpathSync, utimesSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../exec/run.ts";
import { writeFileWhole } from "../util/files.ts";

/** The very words of src/front.sh. */
const statusWords = "status --porcelain=v2 --branch --no-ahead-behind --untracked-files=all";
/** With more files than these that are not committed, asking each takes longer than floe. */
const maxDirty = 200;

export interface CleanMark {
  readonly root: string;
  readonly cacheDir: string;
  /** Which floe this is; the front of another one does not believe the mark. */
  readonly build: string;
  /** When it was begun to look, in milliseconds since the epoch. */
  readonly begunMs: number;
  /** What the user is told: `2000 files`. */
  readonly files: string;
  /** Programs that looked, and what says which they are: absolute. */
  readonly watched: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Writes the mark, unless something could change without being seen: where the project is not the whole of a repository, or where files changed
 * while it was looked. Never throws.
 */
export async function writeCleanMark(mark: CleanMark): Promise<void> {
  const { root, cacheDir, build, begunMs, files, watched, signal } = mark;
  const index = lstatSync(join(root, ".git", "index"), { throwIfNoEntry: false });
  if (index === undefined || index.ctimeMs >= begunMs || process.env["GIT_DIR"] !== undefined) return;
  const argv: [string, ...string[]] = ["git", "-C", root, "--no-optional-locks", ...statusWords.split(" ")];
  const status = await run(argv, { signal }).catch(() => undefined);
  const dirty = status?.exitCode === 0 ? dirtyFiles(status.stdout) : undefined;
  if (status === undefined || dirty === undefined || dirty.length > maxDirty) return;
  const path = process.env["PATH"] ?? "";
  // A tool that is put where there was none is found first: folders change with what is in them.
  const folders = [
    nearest(join(root, "node_modules", ".bin")),
    ...path.split(delimiter).filter((each) => each.startsWith("/")),
  ];
  const all = [...watched, ...folders, join(root, "flake.lock"), ...dirty.map((file) => join(root, file))];
  const lines = [...new Set(all.filter(existsSync).map((each) => realpathSync(each)))];
  if ([path, ...lines].some((line) => line.includes("\n"))) return;
  const file = join(cacheDir, "fmt-clean");
  writeFileWhole(file, `${[`floe ${build}`, path, files, ...lines, "--", status.stdout.trimEnd()].join("\n")}\n`);
  // What changed meanwhile is newer than this, and so not believed.
  utimesSync(file, begunMs / 1000, begunMs / 1000);
}

// --- internal ---

/** Files that are not as in the last commit; undefined when git quotes one of their names, or a merge or a renaming is not finished. */
function dirtyFiles(status: string): string[] | undefined {
  const lines = status.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const files = lines.map((line) => /^(?:1 (?:\S+ ){7}|\? )([^"].*)$/.exec(line)?.[1]);
  return files.every((file) => file !== undefined) ? files : undefined;
}

function nearest(folder: string): string {
  return existsSync(folder) || folder === "/" ? folder : nearest(join(folder, ".."));
}
