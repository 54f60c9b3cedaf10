/** Where sockets are: in folders that only this user reaches. */
import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync, rmSync, type Stats, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectionError } from "../errors.ts";

/**
 * Longest path of a socket's folder: a socket's path has 108 bytes at most, and ssh adds 17 while it makes one.
 * Without blanks, because nix takes its options for ssh apart at them.
 */
const LONGEST_FOLDER = 70;

let folder: string | undefined;
let sockets = 0;

/** A path for a socket that only this user reaches, each time another one. Gone with this process. */
export function socketPath(env: NodeJS.ProcessEnv = process.env): string {
  folder ??= makeFolder([env["XDG_RUNTIME_DIR"], tmpdir(), "/tmp"]);
  sockets += 1;
  return join(folder, `s${sockets}`);
}

/**
 * The folder of sockets that outlive this process, the same one each time. Who can put something into it gets what floe sends, so it is
 * looked at before each use. @throws ConnectionError when it is not this user's alone
 */
export function lastingFolder(env: NodeJS.ProcessEnv = process.env): string {
  const places = [env["XDG_RUNTIME_DIR"], env["TMPDIR"], "/tmp"];
  const path = join(places.find((place) => isUsable(place) && keepsNames(place)) ?? "/tmp", `floe-ssh-${ownUid()}`);
  mkdirSync(path, { mode: 0o700, recursive: true });
  const problem = problemOf(lstatSync(path));
  if (problem === undefined) return path;
  throw new ConnectionError(`The folder of shared connections "${path}" is not safe: ${problem}`, {
    hint: "Remove it if it is yours, or run floe with FLOE_SSH_PERSIST=0, which needs none",
    details: { path },
  });
}

// --- internal ---

const ownUid = (): number => process.getuid?.() ?? 0;

function problemOf(found: Stats): string | undefined {
  if (!found.isDirectory()) return "it is no folder";
  if (found.uid !== ownUid()) return `it belongs to user ${found.uid}, not to ${ownUid()}`;
  const mode = found.mode & 0o777;
  return (mode & 0o077) === 0 ? undefined : `others reach it (mode ${mode.toString(8).padStart(4, "0")})`;
}

/** Nobody else can put another folder in the place of ours: a sudo may leave the runtime folder of the user before. */
function keepsNames(place: string): boolean {
  const found = statSync(place);
  const isSticky = (found.mode & 0o1000) !== 0;
  return [0, ownUid()].includes(found.uid) && (isSticky || (found.mode & 0o022) === 0);
}

function makeFolder(places: readonly (string | undefined)[]): string {
  const place = places.find(isUsable);
  // mkdtemp makes it with mode 0700.
  const made = mkdtempSync(join(place ?? "/tmp", "floe-"));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}

function isUsable(path: string | undefined): path is string {
  return path?.startsWith("/") === true && !/\s/.test(path) && path.length < LONGEST_FOLDER && isWritable(path);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
