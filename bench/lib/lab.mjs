// @ts-check
/**
 * Where a run of benches happens: one temporary folder with its own Incus daemon, both gone at the end. Nothing of the
 * user's is used but the Nix store; what the run adds to that is deleted as well.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureBuild, FLOE, ROOT } from "../../scripts/setup/checkout.mjs";
import { ensureFirnBase } from "../../scripts/setup/firn-base.mjs";
import { removeIncusd, startIncusd } from "../../scripts/setup/incusd.mjs";
import { ensureBuildUsers } from "../../scripts/setup/nixbld.mjs";
import { ensurePackages } from "../../scripts/setup/packages.mjs";
import { say } from "../../scripts/setup/say.mjs";
import { run } from "./program.mjs";
import { deleteWithUsers } from "./store.mjs";

/** The folder's name holds the process that it belongs to, so that a killed run's folder is known. */
const PREFIX = "floe-bench-";

/**
 * @typedef {object} Lab
 * @property {string} root the temporary folder
 * @property {string} incusDir of the daemon
 * @property {string} fleetPrefix for the names of fleets whose systems floe protects in the Nix store; that ends with the lab
 * @property {NodeJS.ProcessEnv} env in which floe and incus find the lab's daemon, and nix asks no binary cache
 * @property {() => Promise<void>} startIncus starts the daemon; harmless when repeated
 * @property {(args: readonly string[], options?: import("./program.mjs").ProgramOptions) => ReturnType<typeof run>} floe
 * @property {(pinned: import("./store.mjs").Pin) => void} dispose have a store path, and all that is made from it, deleted at the end
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ keep: boolean }} options
 * @returns {Promise<Lab>}
 */
export async function openLab({ keep }) {
  await removeLeftovers();
  ensurePackages({ withIncus: true });
  ensureBuildUsers();
  ensureFirnBase(ROOT);
  ensureBuild();
  const root = path.join(os.tmpdir(), `${PREFIX}${process.pid}`);
  fs.mkdirSync(root, { mode: 0o711 });
  const incusDir = path.join(root, "incus");
  const fleetPrefix = path.basename(root);
  const env = environmentOf(root, incusDir);
  /** @type {import("./store.mjs").Pin[]} */
  const disposed = [];
  const close = once(async () => {
    await removeIncusd(incusDir);
    removeRoots(fleetPrefix);
    if (keep) return say(`Kept: ${root}`);
    fs.rmSync(root, { recursive: true, force: true });
    for (const pinned of disposed) await deleteWithUsers(pinned, env);
  });
  closeWhenKilled(close);
  return {
    root,
    incusDir,
    fleetPrefix,
    env,
    startIncus: once(async () => void (await startIncusd(incusDir))),
    floe: (args, options) => run(process.execPath, [FLOE, ...args], { env, ...options }),
    dispose: (pinned) => void disposed.push(pinned),
    close,
  };
}

// --- internal ---

/**
 * Both sides start from the same: no binary cache to wait for, and an Incus client that knows no other server.
 * @param {string} root
 * @param {string} incusDir
 * @returns {NodeJS.ProcessEnv}
 */
function environmentOf(root, incusDir) {
  return {
    ...process.env,
    INCUS_DIR: incusDir,
    INCUS_SOCKET: undefined,
    INCUS_CONF: path.join(root, "incus-client"),
    NIX_CONFIG: "experimental-features = nix-command flakes\nsubstituters =\n",
    NO_COLOR: "1",
  };
}

/** @param {() => Promise<void>} action */
function once(action) {
  /** @type {Promise<void> | undefined} */
  let running;
  return () => {
    running ??= action();
    return running;
  };
}

/** @param {() => Promise<void>} close */
function closeWhenKilled(close) {
  for (const [signal, exitCode] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ]))
    process.once(signal, () => close().finally(() => process.exit(exitCode)));
}

/** Folders and daemons of runs that were killed. */
async function removeLeftovers() {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)$`).exec(name)?.[1];
    if (pid === undefined || fs.existsSync(`/proc/${pid}`)) continue;
    const root = path.join(os.tmpdir(), name);
    if (fs.existsSync(path.join(root, "incus"))) await removeIncusd(path.join(root, "incus"));
    removeRoots(name);
    fs.rmSync(root, { recursive: true, force: true });
  }
}

/** Where floe protects systems of instances that are updated in place. */
const SYSTEM_ROOTS = "/nix/var/nix/gcroots/floe";

/** @param {string} fleetPrefix */
function removeRoots(fleetPrefix) {
  if (!fs.existsSync(SYSTEM_ROOTS)) return;
  for (const fleet of fs.readdirSync(SYSTEM_ROOTS))
    if (fleet === fleetPrefix || fleet.startsWith(`${fleetPrefix}-`))
      fs.rmSync(path.join(SYSTEM_ROOTS, fleet), { recursive: true, force: true });
}
