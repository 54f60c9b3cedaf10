/**
 * git's listing of a project: the names of all files, the content of those that are as in git's index, and which are not. The front of floe
 * (src/front.sh) asks for it in the same words, and hands it on when it cannot answer by itself.
 */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../util/files.ts";
import { askGit, namesOf } from "./files.ts";

/** The very words of src/front.sh. */
const words = "ls-files -z -v --stage --cached --modified --deleted --others --exclude-standard";

/** Undefined where there is no repository. git looks at all files at once, and sooner than Node looks at each. */
export function askForListing(root: string, signal: AbortSignal): Promise<string | undefined> {
  return askGit(root, words.split(" "), signal);
}

/**
 * The listing that the front made a moment ago, if it did; FLOE_LISTING is its name. It is taken once, and what this floe starts knows nothing of it.
 * Listings that a killed floe left are removed.
 */
export function takeListing(cacheDir: string): string | undefined {
  const given = process.env["FLOE_LISTING"];
  delete process.env["FLOE_LISTING"];
  let listing: string | undefined;
  for (const name of namesIn(cacheDir).filter((each) => /^fmt-listing\.\d+$/.test(each))) {
    const file = join(cacheDir, name);
    if (name === given) listing = readText(file);
    if (name === given || isLeftOver(file)) remove(file);
  }
  return listing;
}

/** The files of a repository. */
export interface KnownFiles {
  /** Paths relative to the root, sorted; deleted files may be among them. */
  readonly files: readonly string[];
  /** Object ids of those that are as in git's index, by path. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Those whose content git does not know: changed, or not in the index. */
  readonly changed: readonly string[];
  /** False: there are files that git was told not to look at, or a merge is not finished. */
  readonly isWhole: boolean;
}

export function readListing(listing: string): KnownFiles {
  const blobs = new Map<string, string>();
  const files = new Set<string>();
  const changed: string[] = [];
  let isWhole = true;
  for (const line of namesOf(listing)) {
    const tag = line[0];
    const file = line.slice(tag === "?" ? 2 : line.indexOf("\t") + 1);
    files.add(file);
    // `H 100644 BLOB 0\tFILE`: git looks at the file; links and submodules have other modes. What is not as in the index comes again, as C, and as R
    // if it is gone.
    if (line.startsWith("H 100")) blobs.set(file, line.slice(9, line.indexOf(" ", 9)));
    else blobs.delete(file);
    if (tag === "?" || tag === "C") changed.push(file);
    if (!"HCR?".includes(tag ?? "")) isWhole = false;
  }
  return { files: [...files].sort(), blobs, changed, isWhole };
}

// --- internal ---

/** No floe takes that long to begin, in milliseconds. */
const leftOverMs = 60_000;

function isLeftOver(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > leftOverMs;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Where it cannot be removed it does no harm. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nothing depends on it.
  }
}
