/**
 * `.floe/cache/fmt-clean`: that all files of the project were found formatted, and all that this depends on. The front of floe (src/front.sh) reads
 * it and answers `floe fmt` without Node while none of that has changed.
 */
import { existsSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { writeFileWhole } from "../util/files.ts";
import { sha256 } from "../util/sha256.ts";
import { readListing } from "./listing.ts";

/** With more files than these whose content git does not know, asking each takes longer than floe. */
const maxChanged = 200;
/** The clock of a file system may lag that much behind the process'. */
const racyMs = 50;

export interface CleanMark {
  readonly root: string;
  readonly cacheDir: string;
  /** Which floe this is; the front of another one does not believe the mark. */
  readonly build: string;
  /** When it was begun to look, in milliseconds since the epoch. */
  readonly begunMs: number;
  /** git's listing, from which it was seen that no file has to be looked at. */
  readonly listing: string;
  /** What the user is told: `2000 files`. */
  readonly files: string;
  /** Programs that would look, and what says which they are: absolute. */
  readonly watched: readonly string[];
}

/** Writes the mark, unless something could change without being seen. Never throws. */
export function writeCleanMark(mark: CleanMark): void {
  const { cacheDir, build, begunMs, files, listing } = mark;
  const path = process.env["PATH"] ?? "";
  const watched = watchedOf(mark, path);
  if (watched === undefined || [path, ...watched].some((line) => line.includes("\n"))) return;
  // By its content: whoever reads a mark finds the listing that was written with it, or none.
  const name = `fmt-clean.${sha256(listing).slice(0, 32)}`;
  const lines = [`floe ${build}`, path, files, name, ...watched];
  try {
    writeFileWhole(join(cacheDir, name), listing);
    // What changed meanwhile is newer than this, and so not believed.
    writeFileWhole(join(cacheDir, "fmt-clean"), `${lines.join("\n")}\n`, new Date(begunMs - racyMs));
    const others = readdirSync(cacheDir).filter((other) => other.startsWith("fmt-clean.") && other !== name);
    for (const other of others) rmSync(join(cacheDir, other), { force: true });
  } catch {
    // The front does not answer then.
  }
}

// --- internal ---

/** Whatever git's listing does not tell of, without links; undefined where a change of it cannot be seen, or not soon enough. */
function watchedOf({ root, watched, listing }: CleanMark, path: string): string[] | undefined {
  const { changed, isWhole } = readListing(listing);
  const isElsewhere = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"].some((name) => process.env[name] !== undefined);
  // A name that is no Unicode was not kept as git has it.
  if (!isWhole || isElsewhere || changed.length > maxChanged || listing.includes("\uFFFD")) return undefined;
  // A tool that is put where there was none is found first: folders change with what is in them.
  const folders = [
    nearest(join(root, "node_modules", ".bin")),
    ...path.split(delimiter).filter((each) => each.startsWith("/")),
  ];
  const all = [...watched, ...folders, join(root, "flake.lock"), ...changed.map((file) => join(root, file))];
  return [...new Set(all.filter(existsSync).map((each) => realpathSync(each)))];
}

function nearest(folder: string): string {
  return existsSync(folder) || folder === "/" ? folder : nearest(join(folder, ".."));
}
