#!/usr/bin/env node
// @ts-check
/**
 * A private Incus daemon for trying and testing floe: everything it has lives in one folder (its INCUS_DIR), and it
 * never meets a daemon that is already there.
 *
 *   node scripts/setup/incusd.mjs start|stop|remove|status [--dir DIR]
 *
 * The folder is /var/lib/floe/incus where none is given ($XDG_STATE_HOME/floe/incus where that is set). `start` prints the folder on stdout,
 * so that `export INCUS_DIR=$(node scripts/setup/incusd.mjs start)` works.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureIdMap } from "./idmap.mjs";
import { incusAnswers, incusApi } from "./incus-api.mjs";
import { findIncusd } from "./packages.mjs";
import { outputOf } from "./programs.mjs";
import { runMain, SetupError, say } from "./say.mjs";

const USAGE = "Usage: node scripts/setup/incusd.mjs start|stop|remove|status [--dir DIR]";

/** Seconds until a start that does not answer is given up. A start takes 2 to 5 on an idle machine. */
const START_TIMEOUT_S = 90;
/** Longer than Incus itself waits for its instances. */
const STOP_TIMEOUT_MS = 60_000;
/** The kernel takes at most this many bytes as the path of a Unix socket. */
const MAX_SOCKET_PATH = 107;

/**
 * Root's home is closed to others, and an unprivileged container must be able to walk to its root file system.
 * @returns {string}
 */
export function stateDir() {
  const { XDG_STATE_HOME } = process.env;
  if (XDG_STATE_HOME) return path.join(XDG_STATE_HOME, "floe");
  return process.getuid?.() === 0 ? "/var/lib/floe" : path.join(os.homedir(), ".local/state/floe");
}

/** @returns {string} */
export function defaultIncusDir() {
  return path.join(stateDir(), "incus");
}

/** @param {string} dir */
export const socketOf = (dir) => path.join(dir, "unix.socket");
/** @param {string} dir */
const pidFileOf = (dir) => path.join(dir, "floe-incusd.pid");
/** @param {string} dir */
export const logFileOf = (dir) => path.join(dir, "floe-incusd.log");

/**
 * Starts the daemon of `dir`, or finds it running. Containers that outlived an earlier daemon are found again by Incus.
 * @param {string} dir
 * @returns {Promise<{ socket: string, started: boolean }>}
 */
export async function startIncusd(dir) {
  const socket = socketOf(dir);
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
    throw new SetupError(
      `The path of the Incus socket is too long for the kernel: "${socket}"`,
      "Choose a shorter folder, for example through XDG_STATE_HOME",
    );
  }
  if (fs.existsSync(dir) && fs.readdirSync(dir).length > 0) requireOurs(dir);
  if (await incusAnswers(socket)) {
    await ensurePool(socket);
    return { socket, started: false };
  }
  const program = requireIncusd();
  requireOpenWay(dir);
  ensureIdMap();
  // A daemon that is just starting does not answer yet.
  const ended = runningPid(dir) === undefined ? spawnIncusd(program, dir) : new Promise(() => {});
  await waitReady(program, dir, ended);
  await ensurePool(socket);
  return { socket, started: true };
}

/**
 * Ends the daemon and its instances: cleanly, and by force those that do not stop within Incus' own 30 s. Those that
 * ran start again with the daemon.
 * @param {string} dir
 * @returns {Promise<boolean>} false when nothing ran
 */
export async function stopIncusd(dir) {
  if (!fs.existsSync(dir)) return false;
  requireOurs(dir);
  const pid = (await incusAnswers(socketOf(dir)))?.pid ?? runningPid(dir);
  if (pid === undefined) return false;
  // To Incus this signal means that the machine goes down; SIGTERM would leave the instances running.
  process.kill(pid, "SIGPWR");
  await waitForEnd(pid);
  fs.rmSync(pidFileOf(dir), { force: true });
  return true;
}

/**
 * Stops the daemon and deletes all it has: instances, images, volumes.
 * @param {string} dir
 */
export async function removeIncusd(dir) {
  if (!fs.existsSync(dir)) return;
  await stopIncusd(dir);
  // Containers whose daemon was killed.
  for (const pid of monitorsOf(dir)) process.kill(pid, "SIGKILL");
  unmountAt(dir);
  fs.rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

// --- internal ---

/**
 * A folder that somebody else filled is not ours to run in, to stop or to remove.
 * @param {string} dir
 */
function requireOurs(dir) {
  if (fs.existsSync(logFileOf(dir))) return;
  throw new SetupError(
    `"${dir}" is not the folder of a private Incus daemon`,
    "Name an empty folder, or one that this script has made",
  );
}

/** @param {string} dir */
function requireOpenWay(dir) {
  for (let folder = path.dirname(dir); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const mode = fs.statSync(folder, { throwIfNoEntry: false })?.mode ?? 0o777;
    if ((mode & 0o001) !== 0) continue;
    throw new SetupError(
      `Containers cannot live in "${dir}": they run as other users, and "${folder}" is closed to these`,
      "Name another folder, for example below /var/lib or /var/tmp",
    );
  }
}

/** @returns {string} */
function requireIncusd() {
  const program = findIncusd();
  if (program === undefined)
    throw new SetupError(
      "The Incus daemon (incusd) is not installed",
      "On Debian: apt-get install incus-base (Debian 12: from bookworm-backports)",
    );
  if (process.getuid?.() !== 0)
    throw new SetupError(
      "A private Incus daemon needs root",
      "Run this as root, or start an Incus of your own and set INCUS_DIR to its folder",
    );
  return program;
}

/**
 * @param {string} program
 * @param {string} dir
 * @returns {Promise<number>} settles only when the daemon ends
 */
function spawnIncusd(program, dir) {
  fs.mkdirSync(path.dirname(dir), { recursive: true });
  // Containers run as other users and must be able to walk through.
  fs.mkdirSync(dir, { recursive: true, mode: 0o711 });
  const log = fs.openSync(logFileOf(dir), "a");
  const group = fs.readFileSync("/etc/group", "utf8").includes("\nincus-admin:") ? ["--group", "incus-admin"] : [];
  const child = spawn(program, group, {
    detached: true,
    stdio: ["ignore", log, log],
    env: daemonEnvironment(dir),
    cwd: "/",
  });
  fs.closeSync(log);
  fs.writeFileSync(pidFileOf(dir), `${child.pid}\n`);
  child.unref();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? -1));
  });
}

/** @param {string} dir */
function daemonEnvironment(dir) {
  return { ...process.env, INCUS_DIR: dir, INCUS_SOCKET: undefined };
}

/**
 * `incusd waitready` returns when the daemon serves requests; a daemon that ends before is an error at once.
 * @param {string} program
 * @param {string} dir
 * @param {Promise<number>} ended
 */
async function waitReady(program, dir, ended) {
  const waiter = spawn(program, ["waitready", `--timeout=${START_TIMEOUT_S}`], {
    stdio: "ignore",
    env: daemonEnvironment(dir),
  });
  const ready = new Promise((resolve) => waiter.on("exit", (code) => resolve(code === 0 ? "ready" : "timeout")));
  const outcome = await Promise.race([ready, ended]);
  if (outcome === "ready") return;
  waiter.kill();
  const why = outcome === "timeout" ? `does not answer after ${START_TIMEOUT_S} s` : `ended with code ${outcome}`;
  throw new SetupError(
    `The private Incus daemon ${why}`,
    `Its log is "${logFileOf(dir)}", last lines:\n${tail(logFileOf(dir), 10)}`,
  );
}

/**
 * A storage pool of driver dir named "default", and a root disk on it in the default profile; no network.
 * @param {string} socket
 */
async function ensurePool(socket) {
  // An empty list comes as null.
  const pools = (await incusApi(socket, "GET", "/1.0/storage-pools")) ?? [];
  if (!pools.includes("/1.0/storage-pools/default"))
    await incusApi(socket, "POST", "/1.0/storage-pools", { name: "default", driver: "dir" });
  const profile = await incusApi(socket, "GET", "/1.0/profiles/default");
  if (profile.devices.root !== undefined) return;
  const devices = { ...profile.devices, root: { type: "disk", path: "/", pool: "default" } };
  await incusApi(socket, "PUT", "/1.0/profiles/default", {
    config: profile.config,
    description: profile.description,
    devices,
  });
}

/**
 * The daemon's pid from its file, if that process still is this folder's incusd: pids are used again.
 * @param {string} dir
 * @returns {number | undefined}
 */
function runningPid(dir) {
  try {
    const pid = Number(fs.readFileSync(pidFileOf(dir), "utf8"));
    const isOurs =
      fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("incusd") &&
      fs.readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`INCUS_DIR=${dir}`);
    return isOurs ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Processes that keep this folder's containers running: each container has a monitor that outlives the daemon.
 * @param {string} dir
 * @returns {number[]}
 */
function monitorsOf(dir) {
  return fs.readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = fs.readFileSync(`/proc/${name}/cmdline`, "utf8");
      const isOurs =
        words.includes(`${dir}/containers`) ||
        (words.includes("forkstart") && words.includes(dir)) ||
        (words.includes("forkproxy") && words.includes(dir));
      return isOurs && Number(name) !== process.pid ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/**
 * Nothing may stay mounted: what is removed afterwards must be the daemon's own, not the source of a container's mount.
 * @param {string} dir
 */
function unmountAt(dir) {
  // Lazily: a container that is still ending may hold it.
  for (const point of mountsAt(dir).reverse()) outputOf("umount", ["--lazy", point]);
  const [left] = mountsAt(dir);
  if (left !== undefined) throw new SetupError(`Cannot unmount "${left}", so "${dir}" is not removed`);
}

/** @param {string} dir */
function mountsAt(dir) {
  return fs
    .readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) =>
      (line.split(" ")[1] ?? "").replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((point) => point === dir || point.startsWith(`${dir}/`));
}

/** @param {number} pid */
async function waitForEnd(pid) {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) process.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * A zombie counts as ended: its /proc entry stays, but has no program.
 * @param {number} pid
 */
function isAlive(pid) {
  try {
    fs.readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @param {number} count
 */
function tail(file, count) {
  return fs.readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { dir: { type: "string" } } });
  const dir = path.resolve(values.dir ?? defaultIncusDir());
  const [verb, ...rest] = positionals;
  if (rest.length > 0) throw new SetupError(`Unexpected argument "${rest[0]}"`, USAGE);
  switch (verb) {
    case "start": {
      const { started } = await startIncusd(dir);
      say(started ? `Started a private Incus daemon in "${dir}"` : `The private Incus daemon in "${dir}" runs already`);
      process.stdout.write(`${dir}\n`);
      return 0;
    }
    case "stop":
      say(
        (await stopIncusd(dir))
          ? `Stopped the private Incus daemon in "${dir}"`
          : `No private Incus daemon runs in "${dir}"`,
      );
      return 0;
    case "remove":
      await removeIncusd(dir);
      say(`Removed "${dir}" with everything in it`);
      return 0;
    case "status": {
      const answers = await incusAnswers(socketOf(dir));
      say(
        answers
          ? `Incus ${answers.version} runs in "${dir}", process ${answers.pid}`
          : `No private Incus daemon runs in "${dir}"`,
      );
      return answers ? 0 : 1;
    }
    default:
      throw new SetupError(verb === undefined ? "What shall be done?" : `Unknown verb "${verb}"`, USAGE);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runMain(main);
