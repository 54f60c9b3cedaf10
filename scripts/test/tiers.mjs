// @ts-check
/** The tiers of tests, running one, and counting. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ROOT } from "../setup/checkout.mjs";
import { say } from "../setup/say.mjs";

/**
 * @typedef {import("./tools.mjs").Tool} Tool
 * @typedef {import("./tools.mjs").Tools} Tools
 * @typedef {{ name: string, needs: readonly Tool[] }} Tier
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/** In the order in which they run: the quick ones that fail for a small reason come first. @type {readonly Tier[]} */
export const TIERS = [
  { name: "check", needs: [] },
  { name: "unit", needs: [] },
  { name: "cli", needs: ["build", "nix"] },
  { name: "nix", needs: ["nix"] },
  { name: "incus", needs: ["build", "nix", "incus"] },
  { name: "browser", needs: ["build", "nix", "incus", "browser"] },
];

/** @type {Counts} */
export const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** @param {Counts} counts */
export function describeCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * @param {Tier} tier
 * @param {Tools} tools
 * @param {readonly string[]} vitestArgs
 * @returns {Promise<Counts>}
 */
export async function runTier(tier, tools, vitestArgs) {
  const lacking = tier.needs.find((tool) => tools.missing.has(tool));
  if (lacking !== undefined) return lack(tier, lacking, tools);
  return tier.name === "check" ? runChecks(tools.environment) : runVitest(tier, tools.environment, vitestArgs);
}

// --- internal ---

/** Formatting with lint, and types: each counts as one test. */
const CHECKS = [
  ["biome", "check"],
  ["tsc", "--noEmit", "-p", "tsconfig.json"],
  ["tsc", "--noEmit", "-p", "web/tsconfig.json"],
];

/**
 * @param {Tier} tier
 * @param {Tool} tool
 * @param {Tools} tools
 * @returns {Counts}
 */
function lack(tier, tool, tools) {
  const isRequired = tool === "build" || (process.env.FLOE_REQUIRE ?? "").split(",").includes(tool);
  say(
    `\n!! The tier "${tier.name}" ${isRequired ? "FAILS" : "is SKIPPED"}: it needs ${tool}\n${tools.missing.get(tool)}\n`,
  );
  return isRequired ? { ...NOTHING, failed: 1 } : { ...NOTHING, skipped: 1 };
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<Counts>}
 */
async function runChecks(environment) {
  const codes = await Promise.all(CHECKS.map(([program = "", ...args]) => runShown(program, args, environment)));
  const passed = codes.filter((code) => code === 0).length;
  return { ...NOTHING, passed, failed: codes.length - passed };
}

/**
 * @param {Tier} tier
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} vitestArgs
 * @returns {Promise<Counts>}
 */
async function runVitest(tier, environment, vitestArgs) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "floe-test-report-"));
  const report = path.join(folder, "report.json");
  try {
    const args = [
      "run",
      "--project",
      tier.name,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...vitestArgs,
    ];
    return countsOf(report, await runShown("vitest", args, environment));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * A file that does not load has no failed test, and an error between tests belongs to none: each still counts.
 * @param {string} report
 * @param {number} exitCode
 * @returns {Counts}
 */
function countsOf(report, exitCode) {
  if (!fs.existsSync(report)) return { ...NOTHING, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    fs.readFileSync(report, "utf8"),
  );
  const brokenFiles = testResults.filter(
    (/** @type {any} */ file) =>
      file.status === "failed" && !file.assertionResults.some((/** @type {any} */ test) => test.status === "failed"),
  ).length;
  const failed = numFailedTests + brokenFiles;
  return {
    passed: numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  };
}

/**
 * Shows the output on stderr; answers the exit code.
 * @param {string} program of node_modules
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<number>}
 */
function runShown(program, args, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(ROOT, "node_modules/.bin", program), args, {
      cwd: ROOT,
      stdio: ["ignore", 2, 2],
      env: environment,
    });
    const stop = () => child.kill();
    process.once("SIGINT", stop).once("SIGTERM", stop);
    child.on("error", reject);
    child.on("exit", (code) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve(code ?? 1);
    });
  });
}
