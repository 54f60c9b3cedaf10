/** Node, the programs on the PATH, and room on the disks. */
import { accessSync, constants, existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type Finding, finding } from "./finding.ts";

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

function isOnPath(program: string, env: NodeJS.ProcessEnv): boolean {
  // Debian keeps some in sbin, which is not on every user's PATH.
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

/** Free space for the current user where `path` is, or will be; below 0.5 GB it fails, below 5 GB it warns. */
export async function checkDisk(name: string, path: string, what: string): Promise<Finding> {
  const say = finding("disk", name);
  const { bavail, bsize, files, ffree } = await statfs(nearestExisting(path));
  const free = bavail * bsize;
  const text = `${(free / gigabyte).toFixed(1)} GB free for ${what} (${path})`;
  const mend = "Make room: nix-collect-garbage removes what nothing needs from the store";
  if (files > 0 && ffree === 0) return say("fail", `No inodes left for ${what} (${path})`, mend);
  if (free < 0.5 * gigabyte) return say("fail", `Only ${text}`, mend);
  return free < 5 * gigabyte ? say("warn", `Only ${text}`, mend) : say("ok", text);
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
