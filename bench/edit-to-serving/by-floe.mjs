// @ts-check
/** One edit, served by floe. */
import { performance } from "node:perf_hooks";
import { visit } from "../lib/visitor.mjs";
import { phasesOf } from "./phases.mjs";
import { greetInTypeScript } from "./project.mjs";

/**
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {{ project: string, url: string, before: string, after: string }} round
 * @returns {Promise<{ servingMs: number, downtimeMs: number, totalMs: number, phases: import("./phases.mjs").PhaseTime[] }>}
 */
export async function serveByFloe(lab, { project, url, before, after }) {
  const visitor = visit(url);
  try {
    await visitor.waitFor(before);
    const begin = performance.now();
    const beginDate = Date.now();
    greetInTypeScript(project, after);
    /** @type {string[]} */
    const lines = [];
    const applied = lab.floe(["apply", "--yes", "--json"], { cwd: project, onLine: (line) => lines.push(line) });
    // An apply that fails must not leave us waiting.
    const served = await Promise.race([visitor.waitFor(after), applied.then(() => visitor.waitFor(after, 5000))]);
    const { ms } = await applied;
    return {
      servingMs: served - begin,
      downtimeMs: visitor.gapBetween(before, after),
      totalMs: ms,
      phases: phasesOf(lines, beginDate),
    };
  } finally {
    visitor.stop();
  }
}
