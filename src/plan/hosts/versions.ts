/** Which of two versions is newer, as `builtins.compareVersions` has it. Pure. */

/** Negative: `a` is older; 0: neither is newer; positive: `a` is newer. */
export function compareVersions(a: string, b: string): number {
  const left = componentsOf(a);
  const right = componentsOf(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = compareComponents(left[index] ?? "", right[index] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}

// --- internal ---

/** Runs of digits and runs of other characters; dots and dashes only part them. */
function componentsOf(version: string): string[] {
  return version.match(/\d+|[^\d.-]+/g) ?? [];
}

/** Numbers by their value; `pre` comes before everything, a word before a number, and nothing before a number but after `pre`. */
function compareComponents(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [isNumber(a), isNumber(b)];
  if (left && right) return Number(a) - Number(b);
  if (a === "" && right) return -1;
  if (b === "" && left) return 1;
  if (a === "pre") return -1;
  if (b === "pre") return 1;
  if (right) return -1;
  if (left) return 1;
  return a < b ? -1 : 1;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
