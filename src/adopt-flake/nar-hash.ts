/** The hash that nix gives to a folder, worked out here: a nix that does nothing else would take longer than reading the folder. */
import { createHash, type Hash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256 of the folder's NAR, as `nix hash path` prints it (`sha256-...`). The NAR is described in section 5.2 of Eelco Dolstra's thesis: every
 * word with its length in front, and folders in the order of their names' bytes.
 */
export function narHash(folder: string): string {
  const hash = createHash("sha256");
  words(hash, "nix-archive-1");
  addNode(hash, folder);
  return `sha256-${hash.digest("base64")}`;
}

// --- internal ---

function addNode(hash: Hash, path: string): void {
  const stat = lstatSync(path);
  words(hash, "(", "type");
  if (stat.isSymbolicLink()) words(hash, "symlink", "target", readlinkSync(path));
  else if (stat.isDirectory()) addFolder(hash, path);
  else {
    words(hash, "regular");
    if ((stat.mode & 0o100) !== 0) words(hash, "executable", "");
    words(hash, "contents", readFileSync(path));
  }
  words(hash, ")");
}

function addFolder(hash: Hash, path: string): void {
  words(hash, "directory");
  const names = readdirSync(path, { encoding: "buffer" }).sort(Buffer.compare);
  for (const name of names) {
    words(hash, "entry", "(", "name", name, "node");
    addNode(hash, join(path, name.toString()));
    words(hash, ")");
  }
}

/** Each is followed by zeros up to a multiple of eight bytes. */
function words(hash: Hash, ...all: readonly (string | Uint8Array)[]): void {
  for (const word of all) {
    const bytes = typeof word === "string" ? Buffer.from(word) : word;
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    hash.update(length).update(bytes);
    const rest = bytes.length % 8;
    if (rest !== 0) hash.update(Buffer.alloc(8 - rest));
  }
}
