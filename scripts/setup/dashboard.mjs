// @ts-check
/** `floe serve` in the background, for the demo: started, found again and ended by its process id. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { FLOE } from "./checkout.mjs";
import { stateDir } from "./incusd.mjs";
import { SetupError } from "./say.mjs";

/** Milliseconds; a start takes less than one second on an idle machine. */
const START_TIMEOUT_MS = 30_000;
const END_TIMEOUT_MS = 10_000;

const pidFile = () => path.join(stateDir(), "demo-serve.pid");
const logFile = () => path.join(stateDir(), "demo-serve.log");

/**
 * Ends the one of before: its files may have been built anew since. A browser that was let in stays so.
 * @param {string} project
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<string>} the link that lets a browser in
 */
export async function startDashboard(project, environment) {
  await stopDashboard();
  fs.mkdirSync(stateDir(), { recursive: true });
  // For its owner alone: the link stands in it.
  const log = fs.openSync(logFile(), "w", 0o600);
  const child = spawn(process.execPath, [FLOE, "serve"], {
    cwd: project,
    env: environment,
    detached: true,
    stdio: ["ignore", log, log],
  });
  fs.closeSync(log);
  fs.writeFileSync(pidFile(), `${child.pid}\n`);
  child.unref();
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await pause(50)) {
    const link = /https?:\/\/\S+[?&]token=\S+/.exec(fs.readFileSync(logFile(), "utf8"))?.[0];
    if (link !== undefined) return link;
    if (runningPid() === undefined) break;
  }
  await stopDashboard();
  throw new SetupError("The dashboard did not start", `What it said is in ${logFile()}`);
}

/** @returns {Promise<boolean>} false when none ran */
export async function stopDashboard() {
  const pid = runningPid();
  fs.rmSync(pidFile(), { force: true });
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  // It waits for a change that is under way; the second time it cancels that.
  for (const end = Date.now() + END_TIMEOUT_MS; isDashboard(pid) && Date.now() < end; ) await pause(50);
  if (isDashboard(pid)) process.kill(pid, "SIGTERM");
  return true;
}

// --- internal ---

function runningPid() {
  const pid = fs.existsSync(pidFile()) ? Number(fs.readFileSync(pidFile(), "utf8")) : Number.NaN;
  return Number.isInteger(pid) && isDashboard(pid) ? pid : undefined;
}

/**
 * The number may have gone to another process since.
 * @param {number} pid
 */
function isDashboard(pid) {
  try {
    const words = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.includes(FLOE) && words.includes("serve");
  } catch {
    return false;
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
