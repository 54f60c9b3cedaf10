// @ts-check
/** The memory of nix while something runs, from /proc. */
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks. */
const EVERY_MS = 30;

/**
 * What `work` answers, with the bytes that the nix processes below this one held at their peaks, all together.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T & { peak: number }>}
 */
export async function peakOfNix(work) {
  /** @type {Map<number, number>} */
  const peaks = new Map();
  let isRunning = true;
  const result = work().finally(() => {
    isRunning = false;
  });
  while (isRunning) {
    for (const pid of below(process.pid)) look(pid, peaks);
    await Promise.race([sleep(EVERY_MS), result.catch(() => {})]);
  }
  return { ...(await result), peak: [...peaks.values()].reduce((sum, each) => sum + each, 0) };
}

// --- internal ---

/**
 * @param {number} pid
 * @param {Map<number, number>} peaks
 */
function look(pid, peaks) {
  const status = read(`/proc/${pid}/status`);
  if (!/^Name:\s+nix/m.test(status)) return;
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  // A short question to nix does not run beside the evaluation.
  if (peak > 100e6) peaks.set(pid, Math.max(peak, peaks.get(pid) ?? 0));
}

/**
 * @param {number} pid
 * @returns {number[]}
 */
function below(pid) {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...below(child)]);
}

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
