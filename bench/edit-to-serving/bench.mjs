// @ts-check
/**
 * From the edit of a page to the edited page being served, out of a container with a root file system of 200 MB: floe beside
 * the hand-made way, taking turns on one machine.
 */
import fs from "node:fs";
import path from "node:path";
import { say } from "../../scripts/setup/say.mjs";
import { freePort } from "../lib/port.mjs";
import { median, table, timesFaster, timesTheOther } from "../lib/result.mjs";
import { pin } from "../lib/store.mjs";
import { serveByFloe } from "./by-floe.mjs";
import { launchFirst, serveByHand, writeHandProject } from "./by-hand.mjs";
import { copyPayload } from "./payload.mjs";
import { FIRST_GREETING, writeProject } from "./project.mjs";
import { copyXz } from "./xz.mjs";

/** @typedef {import("./phases.mjs").PhaseTime} PhaseTime */

/**
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {import("../lib/result.mjs").BenchOptions} options
 * @returns {Promise<import("../lib/result.mjs").BenchResult>}
 */
export async function editToServing(lab, { rounds, handRounds }) {
  const { floe, hand, payload } = await prepare(lab);
  /** @type {Awaited<ReturnType<typeof serveByFloe>>[]} */
  const byFloe = [];
  /** @type {Awaited<ReturnType<typeof serveByHand>>[]} */
  const byHand = [];
  let floeSays = FIRST_GREETING;
  let handSays = FIRST_GREETING;
  // Never said before: what an earlier run has built must not be in the store.
  const run = Date.now().toString(36);
  for (let round = 1; round <= Math.max(rounds, handRounds); round++) {
    const after = `Greeting ${run}-${round}`;
    if (round <= rounds) {
      byFloe.push(await serveByFloe(lab, { ...floe, before: floeSays, after }));
      floeSays = after;
      say(`floe, round ${round}: ${seconds(byFloe.at(-1)?.servingMs)}`);
    }
    if (round <= handRounds) {
      byHand.push(await serveByHand(lab, { ...hand, before: handSays, after, isFirst: round === 1 }));
      handSays = after;
      say(`by hand, round ${round}: ${seconds(byHand.at(-1)?.servingMs)}`);
    }
  }
  const sides = (/** @type {"servingMs" | "downtimeMs"} */ key) => ({
    floe: { name: "floe", ms: byFloe.map((round) => round[key]) },
    other: { name: "by hand", ms: byHand.map((round) => round[key]) },
  });
  return {
    rows: [
      timesFaster({ what: "edit to serving", ...sides("servingMs"), factor: 15 }),
      timesTheOther({ what: "downtime", ...sides("downtimeMs"), factor: 1 / 3 }),
    ],
    details: [
      `  payload: ${payload.files} files, ${Math.round(payload.bytes / 1e6)} MB`,
      whereTimeGoes(
        "floe, ms since the edit",
        byFloe.map(({ phases }) => phases),
      ),
      whereTimeGoes(
        "by hand, ms since the edit",
        byHand.map(({ phases }) => phases),
      ),
    ],
  };
}

// --- internal ---

/** Both ways serve the same page from the same 200 MB. @param {import("../lib/lab.mjs").Lab} lab */
async function prepare(lab) {
  await lab.startIncus();
  const payloadFolder = path.join(lab.root, "payload");
  const payload = copyPayload(payloadFolder);
  const payloadPin = await pin("floe-bench-payload", payloadFolder, lab.env);
  const xzFolder = path.join(lab.root, "xz");
  copyXz(xzFolder);
  const xz = await pin("floe-bench-xz", xzFolder, lab.env);
  lab.dispose(payloadPin);
  lab.dispose(xz);
  fs.rmSync(payloadFolder, { recursive: true });

  const [port, handPort] = [await freePort(), await freePort()];
  const project = path.join(lab.root, "site");
  writeProject({ root: project, port, payload: payloadPin });
  await lab.floe(["apply", "--yes"], { cwd: project });
  const handProject = path.join(lab.root, "site-by-hand");
  writeHandProject({ root: handProject, from: project, xz });
  await launchFirst(lab, { port: handPort });
  return {
    payload,
    floe: { project, url: `http://127.0.0.1:${port}/` },
    hand: { project: handProject, port: handPort, url: `http://127.0.0.1:${handPort}/` },
  };
}

/**
 * Medians over the rounds.
 * @param {string} title
 * @param {readonly (readonly PhaseTime[])[]} rounds
 */
function whereTimeGoes(title, rounds) {
  const names = [...new Set(rounds.flat().map(({ name }) => name))];
  const lines = names.map((name) => {
    const times = rounds.flatMap((phases) => phases.filter((phase) => phase.name === name));
    const at = (/** @type {(time: PhaseTime) => number} */ of) => Math.round(median(times.map(of))).toString();
    return [name, at(({ from }) => from), at(({ to }) => to), at(({ from, to }) => to - from)];
  });
  return table([[title, "from", "to", "takes"], ...lines]);
}

/** @param {number | undefined} ms */
const seconds = (ms) => `${((ms ?? Number.NaN) / 1000).toFixed(1)} s from the edit to serving`;
