// @ts-check
/** What the tiers need besides Node: Nix with firn's base in its store, an Incus daemon that is only for them, and a browser. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureCargoTools } from "../setup/cargo-tools.mjs";
import { ensureBuild, ROOT } from "../setup/checkout.mjs";
import { ensureFirnBase } from "../setup/firn-base.mjs";
import { removeIncusd, startIncusd } from "../setup/incusd.mjs";
import { ensureBuildUsers } from "../setup/nixbld.mjs";
import { ensureBrowser, ensurePackages } from "../setup/packages.mjs";
import { SetupError, say } from "../setup/say.mjs";
import { removeLeftFolders } from "./leftovers.mjs";

/** The daemon's folder holds the process that it belongs to, so that a crashed run's daemon is known. */
const PREFIX = "floe-test-incus-";

/**
 * @typedef {"build" | "nix" | "incus" | "browser"} Tool
 * @typedef {object} Tools
 * @property {ReadonlyMap<Tool, string>} missing why a tool is not there
 * @property {NodeJS.ProcessEnv} environment for the tests
 * @property {() => Promise<void>} release stops what was started; harmless when repeated
 */

/**
 * @param {ReadonlySet<Tool>} needs
 * @returns {Promise<Tools>}
 */
export async function setUpTools(needs) {
  /** @type {Map<Tool, string>} */
  const missing = new Map();
  /** @param {Tool} tool @param {() => void | Promise<void>} prepare */
  const prepare = async (tool, prepare) => {
    if (!needs.has(tool)) return;
    try {
      await prepare();
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      missing.set(tool, [error.message, error.hint].filter(Boolean).join("\n"));
    }
  };
  const dir = path.join(os.tmpdir(), `${PREFIX}${process.pid}`);
  // A user's own Incus must not be found by a test, whatever happens to ours.
  /** @type {NodeJS.ProcessEnv} */
  const environment = { ...process.env, INCUS_DIR: dir, INCUS_SOCKET: undefined };
  const release = releaseOnce(dir);
  removeLeftFolders(os.tmpdir());
  await prepare("build", ensureBuild);
  if (needs.has("build")) environment.PATH = [process.env.PATH, ...ensureCargoTools()].join(path.delimiter);
  await prepare("nix", () => prepareNix(needs.has("incus")));
  await prepare("browser", () => {
    environment.FLOE_CHROMIUM = ensureBrowser();
  });
  await prepare("incus", async () => {
    await removeLeftovers();
    await startIncusd(dir);
  });
  return { missing, environment, release };
}

// --- internal ---

/** @param {boolean} withIncus */
function prepareNix(withIncus) {
  ensurePackages({ withIncus, forTests: true });
  ensureBuildUsers();
  ensureFirnBase(ROOT);
}

/**
 * The daemon ends with us, also when we are told to end.
 * @param {string} dir
 */
function releaseOnce(dir) {
  /** @type {Promise<void> | undefined} */
  let released;
  const release = () => {
    released ??= removeIncusd(dir);
    return released;
  };
  for (const [signal, exitCode] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])) {
    process.once(signal, () => release().finally(() => process.exit(exitCode)));
  }
  return release;
}

/** Daemons of test runs that were killed. */
async function removeLeftovers() {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)(-.*)?$`).exec(name)?.[1];
    if (pid === undefined || fs.existsSync(`/proc/${pid}`)) continue;
    say(`Removing the Incus of an earlier test run that was killed (${name})`);
    await removeIncusd(path.join(os.tmpdir(), name));
  }
}
