/** Units that failed in a switch, with the reason that they themselves give. */
import { FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";

/** An error that names the units, the last words of the first, and the remedy where it is known. Never throws. */
export async function unitFailure(machine: Machine, units: readonly string[]): Promise<FloeError> {
  const words = await lastWords(machine, units);
  const conflicts = conflictsIn(words);
  if (conflicts.length > 0) return conflictError(machine, conflicts);
  const named = units.map((unit) => `"${unit}"`).join(", ");
  const tail = words.trim().split("\n").slice(-shownLines);
  const said = words.trim() === "" ? "" : `; its last words:\n${tail.map((line) => `  ${line}`).join("\n")}`;
  return new FloeError(`${units.length === 1 ? "Unit" : "Units"} ${named} failed${said}`, {
    hint: `See all of it on ${machine.where}: journalctl -u ${units[0]}`,
    details: { units },
  });
}

/** Files of a home that are in the way of home-manager's, in its words of the last years. */
export function conflictsIn(text: string): string[] {
  const found = [...text.matchAll(/Existing file '([^'\n]+)' (?:is in the way|would be clobbered)/g)];
  return [...new Set(found.map((match) => match[1] as string))];
}

/** What to do about files of a home that are in the way. */
export function conflictError({ name, where }: Pick<Machine, "name" | "where">, files: readonly string[]): FloeError {
  const listed = files.map((file) => `"${file}"`).join(", ");
  return new FloeError(
    `home-manager would overwrite ${files.length === 1 ? "a file" : `${files.length} files`} that it did not make: ${listed}`,
    {
      hint: `Move ${files.length === 1 ? "it" : "them"} away on ${where}, or let home-manager do it: "home-manager": { backupFileExtension: "before-floe" } in host "${name}"`,
      details: { files },
    },
  );
}

// --- internal ---

const shownLines = 5;
/** A journal that is asked too early has not got the last lines yet. */
const script = `command -v journalctl > /dev/null 2>&1 || exit 0
for unit in "$@"; do journalctl --no-pager --output cat --lines 40 --unit "$unit" 2> /dev/null; done`;

async function lastWords(machine: Machine, units: readonly string[]): Promise<string> {
  try {
    return (await machine.script(script, units, { root: true })).stdout;
  } catch {
    return "";
  }
}
