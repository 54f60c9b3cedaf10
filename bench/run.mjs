#!/usr/bin/env node
// @ts-check
/**
 * npm run bench: floe beside what it is compared with, in one run on one machine. Only the ratios mean something.
 *
 *   npm run bench                                   all of them; about five minutes, most of it the xz of the hand-made way
 *   npm run bench -- start-up plan                  some of them
 *   npm run bench -- edit-to-serving --rounds 5     rounds of all ways but that by hand (default 3)
 *   npm run bench -- edit-to-serving --hand-rounds 2   rounds by hand (default 1)
 *   npm run bench -- --keep                         leave the folder of the run, to look into it
 *   npm run bench -- --json                         the results as JSON on stdout
 *
 * It needs root, nix and Incus, as `npm test` does, and uses a private Incus daemon of its own that it removes at the end.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import { ROOT } from "../scripts/setup/checkout.mjs";
import { ensureNodePackages } from "../scripts/setup/node-packages.mjs";
import { runMain, SetupError, say } from "../scripts/setup/say.mjs";
import { adopt } from "./adopt.mjs";
import { editToServing } from "./edit-to-serving/bench.mjs";
import { evaluate } from "./evaluate.mjs";
import { fifty } from "./fifty.mjs";
import { fmt } from "./fmt.mjs";
import { hostsPlan } from "./hosts-plan.mjs";
import { hostsSwitch } from "./hosts-switch.mjs";
import { openLab } from "./lib/lab.mjs";
import { describeResult } from "./lib/result.mjs";
import { plan } from "./plan.mjs";
import { shell } from "./shell.mjs";
import { startUp } from "./start-up.mjs";
import { synth } from "./synth.mjs";
import { types } from "./types.mjs";

/**
 * @typedef {(lab: import("./lib/lab.mjs").Lab, options: import("./lib/result.mjs").BenchOptions) => Promise<import("./lib/result.mjs").BenchResult>} Bench
 */

/** The quick ones first. @type {ReadonlyMap<string, Bench>} */
const BENCHES = new Map([
  ["start-up", startUp],
  ["adopt", adopt],
  ["shell", shell],
  ["fmt", fmt],
  ["synth", synth],
  ["types", types],
  ["plan", plan],
  ["evaluate", evaluate],
  ["fifty", fifty],
  ["hosts-plan", hostsPlan],
  ["hosts-switch", hostsSwitch],
  ["edit-to-serving", editToServing],
]);

await runMain(async () => {
  const { names, rounds, handRounds, keep, json } = parse();
  ensureNodePackages(ROOT);
  const lab = await openLab({ keep });
  try {
    const results = [];
    for (const [name, bench] of BENCHES) {
      if (!names.includes(name)) continue;
      say(`\n== ${name} (load ${os.loadavg()[0]?.toFixed(1)})`);
      const result = await bench(lab, { rounds, handRounds });
      results.push({ name, ...result });
      if (!json) process.stdout.write(`${describeResult(name, result)}\n`);
    }
    if (json) process.stdout.write(`${JSON.stringify({ cores: os.cpus().length, results })}\n`);
    return results.every(({ rows }) => rows.every(({ isMet }) => isMet)) ? 0 : 1;
  } finally {
    await lab.close();
  }
});

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "3" },
      "hand-rounds": { type: "string", default: "1" },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !BENCHES.has(name));
  if (unknown !== undefined)
    throw new SetupError(`There is no bench "${unknown}"`, `The benches are: ${[...BENCHES.keys()].join(", ")}`);
  return {
    names: positionals.length > 0 ? positionals : [...BENCHES.keys()],
    rounds: count("--rounds", values.rounds),
    handRounds: count("--hand-rounds", values["hand-rounds"]),
    keep: values.keep,
    json: values.json,
  };
}

/**
 * @param {string} flag
 * @param {string} text
 */
function count(flag, text) {
  if (!/^[1-9]\d?$/.test(text)) throw new SetupError(`"${flag}" must be a number from 1 to 99, not "${text}"`);
  return Number(text);
}
