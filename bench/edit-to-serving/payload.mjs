// @ts-check
/** What makes the root file system large: real programs, libraries and texts of this machine. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { SetupError } from "../../scripts/setup/say.mjs";

const TOTAL_BYTES = 200_000_000;
/** Between these sizes, some 2,700 files make up the total on a Debian machine. */
const SMALLEST = 8_000;
const LARGEST = 4_000_000;
const SOURCES = ["/usr/lib", "/usr/share"];

/**
 * Copies the files into a folder. The choice is the same each time on the same machine: by a hash of the path, so that no
 * package is preferred.
 * @param {string} folder
 * @returns {{ files: number, bytes: number }}
 */
export function copyPayload(folder) {
  const candidates = SOURCES.flatMap(filesBelow).sort((a, b) => (a.order < b.order ? -1 : 1));
  let files = 0;
  let bytes = 0;
  for (const { file, size } of candidates) {
    if (bytes >= TOTAL_BYTES) break;
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(file, target);
    fs.chmodSync(target, 0o644);
    files++;
    bytes += size;
  }
  if (bytes < TOTAL_BYTES)
    throw new SetupError(`${SOURCES.join(" and ")} hold only ${Math.round(bytes / 1e6)} MB of files for the payload`);
  return { files, bytes };
}

// --- internal ---

/**
 * @param {string} folder
 * @returns {{ file: string, size: number, order: string }[]}
 */
function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const file = path.join(entry.parentPath, entry.name);
    const { size } = fs.statSync(file);
    if (size < SMALLEST || size > LARGEST) return [];
    return [{ file, size, order: createHash("sha256").update(file).digest("hex") }];
  });
}
