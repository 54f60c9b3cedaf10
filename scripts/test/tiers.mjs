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
 * Files that fail are run once more, by themselves: real daemons share this machine's processors with all other tests, and what then comes a second
 * too late says nothing of floe. What passes only then is told, loudly, so that it is looked at (docs/decisions/tests-second-run.md).
 * @param {Tier} tier
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} vitestArgs
 * @returns {Promise<Counts>}
 */
async function runVitest(tier, environment, vitestArgs) {
  const first = await runReported(tier, environment, vitestArgs);
  const failed = first.files.filter((file) => file.failed.length > 0);
  const isAttributed = failed.length > 0 && !first.isBrokenElsewhere;
  if (!isAttributed || failed.length > MOST_FILES_TWICE || tier.name === "unit") return countsOf(first);
  say(`\n!! Once more, by themselves: ${failed.map(({ name }) => path.relative(ROOT, name)).join(", ")}\n`);
  const again = await runReported(tier, environment, [...vitestArgs, ...failed.map(({ name }) => name)]);
  const stillFailing = new Set(again.files.flatMap((file) => file.failed));
  const late = failed.flatMap((file) => file.failed).filter((test) => !stillFailing.has(test));
  if (late.length > 0)
    say(`\n!! Passed only when run once more, by themselves:\n${late.map((test) => `   ${test}\n`).join("")}`);
  const others = first.files.filter((file) => file.failed.length === 0);
  return countsOf({ files: [...others, ...again.files], isBrokenElsewhere: again.isBrokenElsewhere });
}

/** With more than these something is wrong that a second run will not mend. */
const MOST_FILES_TWICE = 4;

/**
 * @typedef {{ name: string, passed: number, failed: readonly string[], skipped: number }} FileReport
 * @typedef {{ files: readonly FileReport[], isBrokenElsewhere: boolean }} Report What failed in no file leaves `isBrokenElsewhere`.
 */

/**
 * @param {Tier} tier
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly string[]} vitestArgs
 * @returns {Promise<Report>}
 */
async function runReported(tier, environment, vitestArgs) {
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
    const exitCode = await runShown("vitest", args, environment);
    if (!fs.existsSync(report)) return { files: [], isBrokenElsewhere: true };
    const files = JSON.parse(fs.readFileSync(report, "utf8")).testResults.map(readFile);
    const hasFailed = files.some((/** @type {FileReport} */ file) => file.failed.length > 0);
    return { files, isBrokenElsewhere: exitCode !== 0 && !hasFailed };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * A file that does not load has no failed test, and still counts as one.
 * @param {any} file of vitest's JSON report
 * @returns {FileReport}
 */
function readFile({ name, status, assertionResults }) {
  const named = (/** @type {string[]} */ ...statuses) =>
    assertionResults.filter((/** @type {any} */ test) => statuses.includes(test.status));
  const failed = named("failed").map((/** @type {any} */ test) => `${path.relative(ROOT, name)} > ${test.fullName}`);
  return {
    name,
    passed: named("passed").length,
    failed: failed.length === 0 && status === "failed" ? [path.relative(ROOT, name)] : failed,
    skipped: named("pending", "skipped", "todo", "disabled").length,
  };
}

/**
 * An error between tests belongs to none, and still counts as one.
 * @param {Report} report
 * @returns {Counts}
 */
function countsOf({ files, isBrokenElsewhere }) {
  return files.reduce(
    (counts, file) => add(counts, { passed: file.passed, failed: file.failed.length, skipped: file.skipped }),
    { ...NOTHING, failed: isBrokenElsewhere ? 1 : 0 },
  );
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
