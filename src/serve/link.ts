/**
 * The link that lets a browser in: a random token that works once. Only its hash is on the disk, `.floe/serve/PORT.link`, for its owner alone; so another
 * `floe serve --new-link` can make a new one for a server that runs, and the link of yesterday's terminal is worth nothing.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StateError } from "../errors.ts";

/** What a server keeps in the project: for this user only. @throws StateError for another one */
export function serveFolder(root: string): string {
  const folder = join(root, ".floe", "serve");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (cause) {
    throw new StateError(`Cannot use "${folder}": ${(cause as Error).message}`, {
      hint: "Be the user that floe serve runs as",
      cause,
    });
  }
  return folder;
}

/** Writes a file that only its owner can read, as a whole. It is of the folder's owner, also where root writes it for them. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
  const { uid, gid } = statSync(dirname(path));
  if (process.getuid?.() === 0 && uid !== 0) chownSync(draft, uid, gid);
  renameSync(draft, path);
}

/** A new token for the server on this port; one made before is worth nothing any more. */
export function makeLinkToken(root: string, port: number): string {
  const token = randomBytes(32).toString("base64url");
  writePrivate(linkFile(root, port), digest(token).toString("hex"));
  return token;
}

/** True once for the token that was made last. Of two who come with it at the same time one is let in. */
export function redeemLinkToken(root: string, port: number, token: string): boolean {
  const path = linkFile(root, port);
  const expected = Buffer.from(readLink(path), "hex");
  const given = digest(token);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false;
  rmSync(path, { force: true });
  return true;
}

export function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

// --- internal ---

function linkFile(root: string, port: number): string {
  return join(serveFolder(root), `${port}.link`);
}

function readLink(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
