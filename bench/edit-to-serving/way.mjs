// @ts-check
/** A way from the edit of a page to its being served: what each of them offers, and what those by hand have in common. */
import { performance } from "node:perf_hooks";
import { run } from "../lib/program.mjs";

/**
 * @typedef {object} Served
 * @property {number} servingMs from the edit to the first answer with the new page
 * @property {number} downtimeMs from the last answer with the old page to that
 * @property {readonly import("./phases.mjs").PhaseTime[]} phases
 *
 * @typedef {object} Way
 * @property {string} title
 * @property {(before: string, after: string) => Promise<Served>} serve edits the page that says `before`, and waits until it says `after`
 *
 * @typedef {(name: string, action: () => Promise<unknown> | void) => Promise<void>} Step
 */

/** Times the steps of a way by hand, from now on. */
export function stopwatch() {
  /** @type {import("./phases.mjs").PhaseTime[]} */
  const phases = [];
  const begin = performance.now();
  return {
    begin,
    phases,
    /** @type {Step} */
    async step(name, action) {
      const from = performance.now() - begin;
      await action();
      phases.push({ name, from, to: performance.now() - begin });
    },
  };
}

/**
 * Forwards a port of this machine to an instance's web server.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} instance
 * @param {number} port
 */
export async function forward(env, instance, port) {
  const device = ["proxy", `listen=tcp:127.0.0.1:${port}`, "connect=tcp:127.0.0.1:80"];
  await run("incus", ["config", "device", "add", instance, "http", ...device], { env });
}

/**
 * An instance of the image that another one was made from.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} instance
 * @param {string} like
 */
export async function initLike(env, instance, like) {
  const { stdout } = await run("incus", ["config", "get", like, "volatile.base_image"], { env });
  await run("incus", ["init", stdout.trim(), instance], { env });
}
