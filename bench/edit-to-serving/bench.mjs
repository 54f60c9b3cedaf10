// @ts-check
/**
 * From the edit of a page to the edited page being served, out of a container with a root file system of 200 MB: floe, by `swap` and
 * by `in-place`, beside the hand-made way and beside its own steps through the `incus` command, taking turns on one machine.
 */
import fs from "node:fs";
import path from "node:path";
import { say } from "../../scripts/setup/say.mjs";
import { compared, median, table, timesFaster, timesTheOther } from "../lib/result.mjs";
import { pin } from "../lib/store.mjs";
import { floeWay } from "./by-floe.mjs";
import { handWay } from "./by-hand.mjs";
import { incusInPlaceWay, incusSwapWay } from "./by-incus.mjs";
import { copyPayload } from "./payload.mjs";
import { FIRST_GREETING } from "./project.mjs";
import { copyXz } from "./xz.mjs";

/** @typedef {import("./way.mjs").Served} Served */

/** How much faster than by hand, and how long the downtime may be. */
const AIMS = { swap: { factor: 15, downtime: 1 / 3 }, "in-place": { factor: 40, downtime: 1 / 10 } };

/**
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {import("../lib/result.mjs").BenchOptions} options
 * @returns {Promise<import("../lib/result.mjs").BenchResult>}
 */
export async function editToServing(lab, { rounds, handRounds }) {
  const { ways, payload } = await prepare(lab);
  /** @type {Record<keyof typeof ways, Served[]>} */
  const served = { swap: [], "in-place": [], incusSwap: [], incusInPlace: [], hand: [] };
  const names = /** @type {(keyof typeof ways)[]} */ (Object.keys(ways));
  // Never said before, and by each way alone: what was built for another must not be in the store.
  const run = Date.now().toString(36);
  const says = new Map(names.map((name) => [name, FIRST_GREETING]));
  for (let round = 1; round <= Math.max(rounds, handRounds); round++) {
    for (const name of names) {
      if (round > (name === "hand" ? handRounds : rounds)) continue;
      const after = `Greeting ${run}-${name}-${round}`;
      const one = await ways[name].serve(says.get(name) ?? "", after);
      says.set(name, after);
      served[name].push(one);
      say(`${ways[name].title}, round ${round}: ${seconds(one.servingMs)}, down ${Math.round(one.downtimeMs)} ms`);
    }
  }
  const side = (/** @type {keyof typeof ways} */ name, /** @type {"servingMs" | "downtimeMs"} */ key) => ({
    name: ways[name].title,
    ms: served[name].map((one) => one[key]),
  });
  const rows = /** @type {const} */ (["swap", "in-place"]).flatMap((update) => {
    const { factor, downtime } = AIMS[update];
    const other = update === "swap" ? "incusSwap" : "incusInPlace";
    const sides = (/** @type {"servingMs" | "downtimeMs"} */ key, /** @type {keyof typeof ways} */ beside) => ({
      floe: side(update, key),
      other: side(beside, key),
    });
    return [
      timesFaster({ what: `${update}: edit to serving`, ...sides("servingMs", "hand"), factor }),
      timesTheOther({ what: `${update}: downtime`, ...sides("downtimeMs", "hand"), factor: downtime }),
      compared({ what: `${update}: edit to serving, beside incus`, ...sides("servingMs", other) }),
      compared({ what: `${update}: downtime, beside incus`, ...sides("downtimeMs", other) }),
    ];
  });
  return {
    rows,
    details: [
      `  payload: ${payload.files} files, ${Math.round(payload.bytes / 1e6)} MB`,
      ...names.map((name) =>
        whereTimeGoes(
          `${ways[name].title}, ms since the edit`,
          served[name].map(({ phases }) => phases),
        ),
      ),
    ],
  };
}

// --- internal ---

/** All ways serve the same page from the same 200 MB. @param {import("../lib/lab.mjs").Lab} lab */
async function prepare(lab) {
  await lab.startIncus();
  const payloadFolder = path.join(lab.root, "payload");
  const payload = copyPayload(payloadFolder);
  const pinned = await pin("floe-bench-payload", payloadFolder, lab.env);
  const xzFolder = path.join(lab.root, "xz");
  copyXz(xzFolder);
  const xz = await pin("floe-bench-xz", xzFolder, lab.env);
  lab.dispose(pinned);
  lab.dispose(xz);
  fs.rmSync(payloadFolder, { recursive: true });

  const swap = await floeWay(lab, { name: "site", update: "swap", payload: pinned });
  const inPlace = await floeWay(lab, { name: "shared", update: "in-place", payload: pinned });
  const ofSwap = { from: swap.root, name: "site", xz };
  const ofInPlace = { from: inPlace.root, name: "shared", xz };
  return {
    payload,
    ways: {
      swap,
      "in-place": inPlace,
      incusSwap: await incusSwapWay(lab, ofSwap),
      incusInPlace: await incusInPlaceWay(lab, ofInPlace),
      hand: await handWay(lab, ofSwap),
    },
  };
}

/**
 * Medians over the rounds.
 * @param {string} title
 * @param {readonly (readonly import("./phases.mjs").PhaseTime[])[]} rounds
 */
function whereTimeGoes(title, rounds) {
  const names = [...new Set(rounds.flat().map(({ name }) => name))];
  const lines = names.map((name) => {
    const times = rounds.flatMap((phases) => phases.filter((phase) => phase.name === name));
    const at = (/** @type {(time: import("./phases.mjs").PhaseTime) => number} */ of) =>
      Math.round(median(times.map(of))).toString();
    return [name, at(({ from }) => from), at(({ to }) => to), at(({ from, to }) => to - from)];
  });
  return table([[title, "from", "to", "takes"], ...lines]);
}

/** @param {number | undefined} ms */
const seconds = (ms) => `${((ms ?? Number.NaN) / 1000).toFixed(1)} s from the edit to serving`;
