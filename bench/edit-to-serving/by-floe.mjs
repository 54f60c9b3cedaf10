// @ts-check
/** The ways of floe: an edit of the TypeScript and `floe apply`. */
import path from "node:path";
import { performance } from "node:perf_hooks";
import { freePort } from "../lib/port.mjs";
import { visit } from "../lib/visitor.mjs";
import { phasesOf } from "./phases.mjs";
import { greetInTypeScript, writeProject } from "./project.mjs";

/** @typedef {import("./way.mjs").Way} Way */

/**
 * A project with one instance, applied for the first time.
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {{ name: string, update: "swap" | "in-place", payload: import("../lib/store.mjs").Pin }} options
 * @returns {Promise<Way & { root: string }>}
 */
export async function floeWay(lab, { name, update, payload }) {
  const root = path.join(lab.root, name);
  const port = await freePort();
  writeProject({ root, fleet: `${lab.fleetPrefix}-${name}`, name, update, port, payload });
  await lab.floe(["apply", "--yes"], { cwd: root });
  return {
    title: `floe, ${update}`,
    root,
    serve: (before, after) => serve(lab, { root, name, url: `http://127.0.0.1:${port}/`, before, after }),
  };
}

// --- internal ---

/**
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {{ root: string, name: string, url: string, before: string, after: string }} round
 * @returns {Promise<import("./way.mjs").Served>}
 */
async function serve(lab, { root, name, url, before, after }) {
  const visitor = visit(url);
  try {
    await visitor.waitFor(before);
    const begin = performance.now();
    const beginDate = Date.now();
    greetInTypeScript({ root, name }, after);
    /** @type {string[]} */
    const lines = [];
    const applied = lab.floe(["apply", "--yes", "--json"], { cwd: root, onLine: (line) => lines.push(line) });
    // An apply that fails must not leave us waiting.
    const served = await Promise.race([visitor.waitFor(after), applied.then(() => visitor.waitFor(after, 5000))]);
    await applied;
    return {
      servingMs: served - begin,
      downtimeMs: visitor.gapBetween(before, after),
      phases: phasesOf(lines, beginDate),
    };
  } finally {
    visitor.stop();
  }
}
