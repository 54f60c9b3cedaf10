// @ts-check
/** What a bench answers, and how it is printed: ratios first, the medians that they come from below. */

/**
 * @typedef {{ rounds: number, handRounds: number }} BenchOptions
 *
 * What one side took, run by run.
 * @typedef {{ name: string, ms: readonly number[] }} Side
 *
 * One comparison. `value`, in `unit`, is what `aim` is about; `sides` is what it comes from.
 * @typedef {object} Row
 * @property {string} what
 * @property {readonly Side[]} sides
 * @property {number} value
 * @property {"x" | "ms" | "requests"} unit
 * @property {string} aim
 * @property {boolean} isMet
 *
 * @typedef {{ rows: readonly Row[], details?: readonly string[] }} BenchResult
 * @typedef {{ what: string, floe: Side, other: Side }} Comparison
 */

/**
 * floe must be at least `factor` times faster.
 * @param {Comparison & { factor: number }} comparison
 * @returns {Row}
 */
export function timesFaster({ what, floe, other, factor }) {
  const value = median(other.ms) / median(floe.ms);
  return { what, sides: [floe, other], value, unit: "x", aim: `at least ${factor}x faster`, isMet: value >= factor };
}

/**
 * floe may take at most `factor` times as long.
 * @param {Comparison & { factor: number, of?: (ms: readonly number[]) => number }} comparison
 * @returns {Row}
 */
export function timesTheOther({ what, floe, other, factor, of = median }) {
  const value = of(floe.ms) / of(other.ms);
  const aim = `at most ${Math.round(factor * 100) / 100}x`;
  return { what, sides: [floe, other], value, unit: "x", aim, isMet: value <= factor };
}

/**
 * For information: there is no aim.
 * @param {Comparison} sides
 * @returns {Row}
 */
export function compared(sides) {
  return { ...timesTheOther({ ...sides, factor: Number.POSITIVE_INFINITY }), aim: "none" };
}

/**
 * floe may take at most `ms` milliseconds more.
 * @param {Comparison & { ms: number }} comparison
 * @returns {Row}
 */
export function beyondTheOther({ what, floe, other, ms }) {
  const value = median(floe.ms) - median(other.ms);
  return { what, sides: [floe, other], value, unit: "ms", aim: `at most ${ms} ms more`, isMet: value <= ms };
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

/** @param {readonly number[]} values */
export const least = (values) => Math.min(...values);

/**
 * @param {string} name
 * @param {BenchResult} result
 */
export function describeResult(name, { rows, details = [] }) {
  const ratios = rows.map(({ what, value, unit, aim, isMet }) => [
    what,
    unit === "x" ? value.toFixed(2) : `${Math.round(value)} ${unit}`,
    aim,
    aim === "none" ? "" : isMet ? "met" : "MISSED",
  ]);
  const medians = rows.flatMap(({ what, sides }) =>
    sides.map((side) => [what, side.name, inMs(median(side.ms)), `of ${side.ms.map((ms) => inMs(ms)).join(", ")}`]),
  );
  return [
    `\n${name}`,
    table([["", "value", "aim", ""], ...ratios]),
    table([["medians, ms", "", "", ""], ...medians]),
    ...details,
  ].join("\n");
}

/**
 * Aligned columns.
 * @param {readonly (readonly string[])[]} lines
 */
export function table(lines) {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

// --- internal ---

/** @param {number} ms */
const inMs = (ms) => ms.toFixed(ms < 100 ? 1 : 0);
