// @ts-check
/** What a bench answers, and how it is printed: ratios first, the medians that they come from below. */

/**
 * @typedef {{ rounds: number, handRounds: number }} BenchOptions
 *
 * One comparison. `ratio` is what `aim` is about; `raw` are the milliseconds of each side.
 * @typedef {object} Row
 * @property {string} what
 * @property {{ name: string, ms: readonly number[] }} floe
 * @property {{ name: string, ms: readonly number[] }} other
 * @property {number} ratio
 * @property {string} aim
 * @property {boolean} isMet
 *
 * @typedef {{ rows: readonly Row[], details?: readonly string[] }} BenchResult
 */

/**
 * floe must be at least `factor` times faster.
 * @param {Pick<Row, "what" | "floe" | "other"> & { factor: number }} comparison
 * @returns {Row}
 */
export function timesFaster({ factor, ...sides }) {
  const ratio = median(sides.other.ms) / median(sides.floe.ms);
  return { ...sides, ratio, aim: `at least ${factor}x faster`, isMet: ratio >= factor };
}

/**
 * floe may take at most `factor` times as long.
 * @param {Pick<Row, "what" | "floe" | "other"> & { factor: number, of?: (ms: readonly number[]) => number }} comparison
 * @returns {Row}
 */
export function timesTheOther({ factor, of = median, ...sides }) {
  const ratio = of(sides.floe.ms) / of(sides.other.ms);
  return { ...sides, ratio, aim: `at most ${Math.round(factor * 100) / 100}x`, isMet: ratio <= factor };
}

/**
 * For information: there is no aim.
 * @param {Pick<Row, "what" | "floe" | "other">} sides
 * @returns {Row}
 */
export function compared(sides) {
  return { ...timesTheOther({ ...sides, factor: Number.POSITIVE_INFINITY }), aim: "none" };
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
  const ratios = rows.map(({ what, ratio, aim, isMet }) => [
    what,
    ratio.toFixed(2),
    aim,
    aim === "none" ? "" : isMet ? "met" : "MISSED",
  ]);
  const medians = rows.flatMap(({ what, floe, other }) =>
    [floe, other].map((side) => [
      what,
      side.name,
      inMs(median(side.ms)),
      `of ${side.ms.map((ms) => inMs(ms)).join(", ")}`,
    ]),
  );
  return [
    `\n${name}`,
    table([["", "ratio", "aim", ""], ...ratios]),
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
