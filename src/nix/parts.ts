/**
 * Which of the project's files an evaluation of one machine can depend on, so that `check` need not evaluate those that a change does not
 * concern. The answer is every file but two kinds: what was written for the other machines, and TypeScript. These are left out only
 * if no Nix file of the project has a path that leads to them and nothing looks like a path being computed. What cannot be seen
 * in the files, the flake's `self`, is watched while nix evaluates (`watched.ts`). See docs/decisions/evaluation-by-parts.md.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { FleetAttribute } from "./select.ts";
import type { StagedFile } from "./stage-index.ts";

/** The file that was written for each machine alone, by `hosts/crown`, `images/db`, `homes/me`: `nix/hosts/crown.nix`. */
export type OwnFiles = Readonly<Record<string, string>>;

/** The files that count for each part, as one hash. */
export type PartHash = (part: FleetAttribute) => string;

/** A scan of more than this costs more than it may save: everything counts then. */
const SCANNED_BYTES = 16 * 1024 * 1024;
const FLAKE = "flake.nix";

/** `stage` is the snapshot's folder, `files` what it holds. In `inputFolders` lie flakes, whose code deals with paths that it is given as that of any input does. */
export function partHashes(
  stage: string,
  files: Readonly<Record<string, StagedFile>>,
  ownFiles: OwnFiles,
  inputFolders: readonly string[] = [],
): PartHash {
  const paths = Object.keys(files).sort();
  const own = new Set(Object.values(ownFiles));
  const reached = reachedPaths(stage, files, own, inputFolders);
  const isReached = (path: string): boolean =>
    reached === undefined || ancestors(path).some((each) => reached.has(each));
  const special = new Set(paths.filter((path) => (own.has(path) || isTypeScript(path)) && !isReached(path)));
  const common = hashOf(
    files,
    paths.filter((path) => !special.has(path)),
  );
  return ({ group, name }) => {
    const file = ownFiles[`${group}/${name}`];
    return file !== undefined && special.has(file) ? `${common}:${files[file]?.hash}` : common;
  };
}

/**
 * Every path that the Nix text may mean, from the folder of its file. Too many is the safe side: words in strings and comments count, and a
 * path that goes on with something computed stands for its folder.
 */
export function pathsInText(text: string, folder: string): string[] {
  const found: string[] = [];
  for (const [literal] of text.matchAll(PATH)) {
    const isWhole = !literal.endsWith("$");
    const plain = literal.replace(/\$$/, "");
    const path = isWhole ? plain : posix.dirname(`${plain}x`);
    found.push(normal(posix.join(folder, path)));
  }
  return found;
}

// --- internal ---

/** Ways to a path other than writing it down: its parents, the place of a text, a path made of a string, what git or a search finds. */
const COMPUTED = new RegExp(
  [
    /\b(?:dirOf|__curPos|toPath|storePath|getFlake|fetchTree|fetchGit|findFile|scopedImport)\b/,
    /AttrPos\b|\b(?:locateDominatingFile|gitTracked\w*)\b|[gG]itRepo\b/,
    // `+ "/..`, `}/..`, `".."`; the three dots of a function's arguments are no such thing.
    /["'+}]\s*\/?\.\.(?![.\w])/,
    // `/. + text`, and a path as text, which can be cut.
    /(?<![\w.])\/\.(?![\w.])|\/nix\/store|\btoString\s*\(?\s*(?:\.{1,2}|[\w+-]+)\//,
  ]
    .map(({ source }) => source)
    .join("|"),
);

/** Files that nobody imports as Nix. What has another name is read as if it were. */
const IS_DATA =
  /\.(?:[cm]?[jt]sx?|json|lock|md|txt|ya?ml|toml|html?|css|svg|png|jpe?g|gif|ico|webp|woff2?|conf|cfg|ini|sh|bash|py|pub|pem|crt|key|age|gpg|patch|diff|tar|gz|xz|zst|zip)$|(?:^|\/)(?:LICENSE|\.gitignore|\.keep)$/i;

/** `./a`, `../a/b`, `a/b`, also as the beginning of `./${name}`. */
const PATH = /(?<![\w.+/$}~-])(?:\.{1,2}(?=\/)|[\w.+-]+(?=\/))(?:\/[\w.+-]*)+\$?/g;

/** Undefined when paths are computed somewhere, or cannot be read. */
function reachedPaths(
  stage: string,
  files: Readonly<Record<string, StagedFile>>,
  own: ReadonlySet<string>,
  inputFolders: readonly string[],
): Set<string> | undefined {
  const reached = new Set<string>();
  let bytes = 0;
  for (const [path, { kind }] of Object.entries(files)) {
    // A link leads anywhere; what it leads to is not looked at.
    if (kind === "link") return undefined;
    if (IS_DATA.test(path)) continue;
    bytes += statSync(posix.join(stage, path)).size;
    if (bytes > SCANNED_BYTES) return undefined;
    const text = readFileSync(posix.join(stage, path), "utf8");
    if (COMPUTED.test(text) && !inputFolders.some((folder) => path.startsWith(`${folder}/`))) return undefined;
    const found = pathsInText(text, posix.dirname(path));
    // flake.nix hands each machine its own file; a second mention is something else.
    const mentioned = path === FLAKE ? withoutFirst(found, own) : found;
    for (const each of mentioned) reached.add(each);
  }
  return reached;
}

function withoutFirst(found: readonly string[], own: ReadonlySet<string>): string[] {
  const seen = new Set<string>();
  return found.filter((path) => {
    if (!own.has(path) || seen.has(path)) return true;
    seen.add(path);
    return false;
  });
}

/** The path, each folder around it, and the project itself, which is ".". */
function ancestors(path: string): string[] {
  const found = ["."];
  for (let each = path; each !== "."; each = posix.dirname(each)) found.push(each);
  return found;
}

/** Without a slash at the end; what leaves the project can come back into it by any folder, so it stands for all. */
function normal(path: string): string {
  const plain = posix.normalize(path).replace(/\/$/, "");
  return plain === "" || plain.startsWith("..") ? "." : plain;
}

function isTypeScript(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path);
}

function hashOf(files: Readonly<Record<string, StagedFile>>, paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    const file = files[path] as StagedFile;
    hash.update(`${file.kind}\0${path}\0${file.hash}\0`);
  }
  return hash.digest("hex");
}
