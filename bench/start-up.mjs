// @ts-check
/** How long floe takes to say something, beside a Node that does nothing: the least of interleaved runs. */
import { FLOE } from "../scripts/setup/checkout.mjs";
import { run } from "./lib/program.mjs";
import { least, timesTheOther } from "./lib/result.mjs";

const RUNS = 10;
const COMMANDS = { node: ["-e", "0"], help: [FLOE, "--help"], version: [FLOE, "--version"] };

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function startUp({ env }) {
  /** @type {Record<keyof typeof COMMANDS, number[]>} */
  const taken = { node: [], help: [], version: [] };
  for (let round = 0; round < RUNS; round++) {
    for (const name of /** @type {(keyof typeof COMMANDS)[]} */ (Object.keys(COMMANDS)))
      taken[name].push((await run(process.execPath, COMMANDS[name], { env })).ms);
  }
  const other = { name: "node -e 0", ms: taken.node };
  return {
    rows: /** @type {const} */ (["help", "version"]).map((name) =>
      timesTheOther({
        what: `floe --${name}, least of ${RUNS}`,
        floe: { name: `floe --${name}`, ms: taken[name] },
        other,
        factor: 1.4,
        of: least,
      }),
    ),
  };
}
