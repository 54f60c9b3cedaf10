// @ts-check
/** `floe plan` of 50 instances that run and have not changed: how many requests, and how much time beyond floe's start-up. */
import path from "node:path";
import { socketOf } from "../scripts/setup/incusd.mjs";
import { copyFirn, write } from "./edit-to-serving/project.mjs";
import { run } from "./lib/program.mjs";
import { logRequests } from "./lib/request-log.mjs";
import { beyondTheOther, compared, least, median } from "./lib/result.mjs";

const CONTAINERS = 5;
const INSTANCES_EACH = 10;
const RUNS = 15;
const MOST_MS = 100;

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function fifty(lab) {
  await lab.startIncus();
  const project = path.join(lab.root, "fifty");
  writeFifty(project);
  await lab.floe(["apply", "--yes", "--max-parallel", "6"], { cwd: project });
  // Exit code 3 would say that something changed: then this is not what it claims to be.
  const planned = (env = lab.env) => lab.floe(["plan", "--exit-code"], { cwd: project, env });
  const requests = await requestsOf(lab, planned);
  /** @type {{ floe: number[], startUp: number[], node: number[] }} */
  const taken = { floe: [], startUp: [], node: [] };
  for (let round = 0; round < RUNS; round++) {
    taken.startUp.push((await lab.floe(["--version"], { cwd: project })).ms);
    taken.node.push((await run(process.execPath, ["-e", "0"], { env: lab.env })).ms);
    taken.floe.push((await planned()).ms);
  }
  const counts = countByCollection(requests);
  const most = Math.max(...counts.values());
  await deleteAll(lab);
  return {
    rows: [
      {
        what: "requests to any one collection",
        sides: [],
        value: most,
        unit: "requests",
        aim: "at most 1",
        isMet: most === 1,
      },
      beyondTheOther({
        what: `plan of ${CONTAINERS * INSTANCES_EACH} instances`,
        floe: { name: "floe plan", ms: taken.floe },
        other: { name: "floe --version", ms: taken.startUp },
        ms: MOST_MS,
      }),
      compared({
        what: "the same beside Node alone",
        floe: { name: "floe plan", ms: taken.floe },
        other: { name: "node -e 0", ms: taken.node },
      }),
    ],
    details: [
      `  least of ${RUNS}: ${Math.round(least(taken.floe) - least(taken.startUp))} ms more; round by round: ${Math.round(median(taken.floe.map((ms, at) => ms - (taken.startUp[at] ?? Number.NaN))))} ms more`,
      `  ${requests.length} requests in all:`,
      ...requests.map((request) => `    ${request}`),
    ],
  };
}

// --- internal ---

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @param {(env: NodeJS.ProcessEnv) => Promise<unknown>} planned
 */
async function requestsOf(lab, planned) {
  const log = await logRequests(path.join(lab.root, "log.socket"), socketOf(lab.incusDir));
  try {
    const env = { ...lab.env, INCUS_SOCKET: log.socket };
    // The first plan may ask for what later ones remember.
    await planned(env);
    log.take();
    await planned(env);
    return log.take();
  } finally {
    await log.close();
  }
}

/** @param {readonly string[]} requests */
function countByCollection(requests) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const request of requests) {
    const collection = request.replace(/\?.*/, "");
    counts.set(collection, (counts.get(collection) ?? 0) + 1);
  }
  return counts;
}

/** The benches after this one shall not have 50 neighbours. @param {import("./lib/lab.mjs").Lab} lab */
async function deleteAll({ env }) {
  const names = numbers(CONTAINERS).flatMap((at) => numbers(INSTANCES_EACH).map((instance) => nameOf(at, instance)));
  await run("incus", ["delete", "--force", ...names], { env });
}

/** @param {number} container @param {number} instance */
const nameOf = (container, instance) => `c${container}-${instance}`;

/** @param {number} count */
const numbers = (count) => Array.from({ length: count }, (_, at) => at + 1);

/** @param {string} root */
function writeFifty(root) {
  copyFirn(root);
  write(root, "floe.config.ts", CONFIG);
  for (const at of numbers(CONTAINERS)) write(root, `containers/c${at}.ts`, containerText(at));
}

const CONFIG = `import { dir, fleet } from "floe";

export default fleet({ name: "fifty", inputs: { nixpkgs: dir("./firn") }, containers: dir("./containers") });
`;

/** @param {number} at */
const containerText = (at) => `import { container } from "floe";

const health = [{ exec: ["/bin/sh", "-c", "true"] }];

export default container(
  {
    instances: {
${numbers(INSTANCES_EACH)
  .map((instance) => `      "${nameOf(at, instance)}": { health, tags: ["fifty"], description: "Number ${instance}" },`)
  .join("\n")}
    },
  },
  { environment: { etc: { number: { text: "${at}\\n" } } } },
);
`;
