/** Node, the programs on the PATH, and room on the disks. */
import { accessSync, constants } from "node:fs";
import { statfs } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type Area, type Finding, finding } from "./finding.ts";
import { nearestExisting } from "./writable.ts";

/** The oldest Node.js that floe runs on; package.json says the same. */
const oldestNode: readonly [number, number] = [20, 19];

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const say = finding("floe", "node");
  return isNew
    ? say("ok", `Node.js ${version}`)
    : say("fail", `Node.js ${version} is too old`, `Install Node.js ${oldestNode.join(".")} or newer`);
}

/** What firn takes from the machine, with Debian's packages. `busybox` must be the static one, which only its package can promise. */
const firnPrograms: readonly (readonly [program: string, package_: string])[] = [
  ["busybox", "busybox-static"],
  ["mksquashfs", "squashfs-tools"],
  ["unsquashfs", "squashfs-tools"],
  ["zstd", "zstd"],
];

export function checkFirnPrograms(env: NodeJS.ProcessEnv): Finding {
  const missing = firnPrograms.filter(([program]) => !isOnPath(program, env));
  const say = finding("programs", "firn");
  if (missing.length === 0) return say("ok", `${firnPrograms.map(([program]) => program).join(", ")} for firn`);
  const packages = [...new Set(missing.map(([, name]) => name))].join(" ");
  return say("fail", `firn needs ${missing.map(([program]) => program).join(", ")}`, `apt-get install ${packages}`);
}

export function checkGit(env: NodeJS.ProcessEnv): Finding {
  const say = finding("programs", "git");
  return isOnPath("git", env)
    ? say("ok", "git")
    : say("warn", "git is not installed: inputs from git cannot be fetched", "apt-get install git");
}

/** Whether the user that runs floe would find it; Debian keeps some in sbin, which is not on every user's PATH. */
export function isOnPath(program: string, env: NodeJS.ProcessEnv): boolean {
  const folders = [...(env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder || ".", program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const gigabyte = 1e9;

/** Free space for the current user where `path` is, or will be. */
export async function checkDisk(name: string, path: string, what: string): Promise<Finding> {
  const { bavail, bsize, files, ffree } = await statfs(nearestExisting(path));
  const room = { free: bavail * bsize, files: { used: files - ffree, total: files } };
  return roomFinding("disk", name, room, `${what} (${path})`);
}

/** `free` is bytes. Below 0.5 GB it fails, below 5 GB it warns; `files` are inodes, with a total of 0 where they are not counted. */
export function roomFinding(
  area: Area,
  name: string,
  {
    free,
    files,
  }: { readonly free: number; readonly files?: { readonly used: number; readonly total: number } | undefined },
  what: string,
): Finding {
  const say = finding(area, name);
  const text = `${(free / gigabyte).toFixed(1)} GB free for ${what}`;
  const mend = area === "incus" ? poolMend : storeMend;
  if (files !== undefined && files.total > 0 && files.used >= files.total)
    return say("fail", `No inodes left for ${what}`, mend);
  if (free < 0.5 * gigabyte) return say("fail", `Only ${text}`, mend);
  return free < 5 * gigabyte ? say("warn", `Only ${text}`, mend) : say("ok", text);
}

const storeMend = "Make room: floe gc, or nix-collect-garbage, removes what nothing needs from the store";
const poolMend = "Make room: floe image prune removes images that nothing needs";

/** A clock that is behind makes every certificate invalid, and files of the future are built again and again. */
export function checkClock(nowMs: number, known: readonly { readonly what: string; readonly ms: number }[]): Finding {
  const say = finding("floe", "clock");
  const ahead = known.find(({ ms }) => ms > nowMs + clockSlackMs);
  const text = new Date(nowMs).toISOString().slice(0, 16).replace("T", " ");
  if (ahead === undefined) return say("ok", `clock: ${text} UTC`);
  const when = new Date(ahead.ms).toISOString().slice(0, 16).replace("T", " ");
  return say(
    "warn",
    `The clock says ${text} UTC, but ${ahead.what} is of ${when}: certificates will not be accepted`,
    "timedatectl set-ntp true",
  );
}

const clockSlackMs = 10 * 60_000;
