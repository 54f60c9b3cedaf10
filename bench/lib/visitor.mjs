// @ts-check
/** A visitor that asks a page again and again, and remembers when it answered what. */
import http from "node:http";
import { performance } from "node:perf_hooks";

/** Milliseconds between two visits. */
const EVERY_MS = 5;
/** A visit without an answer is given up after this long; others go on meanwhile. */
const PATIENCE_MS = 2000;
/** Visits that wait for an answer at the same time. */
const AT_ONCE = 100;

/**
 * @typedef {{ at: number, text: string }} Answer `at` in milliseconds of `performance.now()`
 * @typedef {object} Visitor
 * @property {(text: string, withinMs?: number) => Promise<number>} waitFor when the page first said this
 * @property {(oldText: string, newText: string) => number} gapBetween milliseconds from the last old answer to the first new one
 * @property {() => void} stop
 */

/**
 * @param {string} url
 * @returns {Visitor}
 */
export function visit(url) {
  /** @type {Answer[]} */
  const answers = [];
  let waiting = 0;
  const timer = setInterval(async () => {
    if (waiting >= AT_ONCE) return;
    waiting++;
    const text = await ask(url);
    waiting--;
    if (text !== undefined) answers.push({ at: performance.now(), text });
  }, EVERY_MS);
  const first = (/** @type {string} */ text) => answers.find((answer) => answer.text === text)?.at;
  return {
    async waitFor(text, withinMs = 300_000) {
      const deadline = performance.now() + withinMs;
      for (let at = first(text); ; at = first(text)) {
        if (at !== undefined) return at;
        if (performance.now() > deadline) throw new Error(`"${url}" did not say "${text}" within ${withinMs / 1000} s`);
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      }
    },
    gapBetween(oldText, newText) {
      const lastOld = answers.findLast((answer) => answer.text === oldText)?.at;
      const firstNew = first(newText);
      if (lastOld === undefined || firstNew === undefined)
        throw new Error(`"${url}" did not say both "${oldText}" and "${newText}"`);
      return firstNew - lastOld;
    },
    stop: () => clearInterval(timer),
  };
}

// --- internal ---

/**
 * The page's text; undefined for no answer or a bad one. A connection of its own each time.
 * @param {string} url
 * @returns {Promise<string | undefined>}
 */
function ask(url) {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false, timeout: PATIENCE_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("error", () => resolve(undefined));
      response.on("end", () => resolve(response.statusCode === 200 ? text.trim() : undefined));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined));
  });
}
