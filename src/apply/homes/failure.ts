/** What is wrong with a home that could not be activated, and the remedy. */
import { FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Outcome } from "../context.ts";
import { reasonOf } from "../context.ts";
import { conflictsIn } from "../hosts/failed-units.ts";
import type { HomeEnd } from "./activate-home.ts";

/** How the change of a home ended, as part of a report. */
export function outcomeOfHome(machine: Machine, end: HomeEnd): Outcome {
  switch (end.state) {
    case "done":
    case "tried":
      return { outcome: "done" };
    case "refused":
      return { outcome: "skipped", ...reasonOf(homeFailure(machine, end)) };
    case "rolled-back":
      return { outcome: "undone", ...reasonOf(homeFailure(machine, end)) };
    case "failed":
    case "rollback-failed":
    case "lost":
      return { outcome: "failed", ...reasonOf(homeFailure(machine, end)) };
  }
}

/** Never for an end that is well. */
export function homeFailure(machine: Machine, end: HomeEnd): FloeError {
  const files = conflictsIn(end.log);
  if (files.length > 0) return inTheWay(machine, files);
  if (end.state === "lost")
    return new FloeError(`What became of the activation on ${machine.where} is not known:\n${tail(end.log)}`, {
      hint: `See ~/.local/state/floe/homes there, and switch again`,
    });
  const what = `The activation ended with code ${end.exitCode}:\n${tail(end.log)}`;
  if (end.state === "failed")
    return new FloeError(`${what}\nThere was no generation before it to go back to`, {
      hint: "Part of it may be there; mend what it says and switch again",
    });
  if (end.state === "rollback-failed")
    return new FloeError(`${what}\nGoing back failed too`, {
      hint: `Go back by hand on ${machine.where}: ${end.previous}/activate`,
    });
  return new FloeError(what, { hint: "It is back at the generation before" });
}

// --- internal ---

const shownLines = 15;

function tail(log: string): string {
  return log
    .trim()
    .split("\n")
    .slice(-shownLines)
    .map((line) => `  ${line}`)
    .join("\n");
}

/** A copy that is in the way of its own copy is named by home-manager in the same words. */
function inTheWay({ where }: Machine, files: readonly string[]): FloeError {
  const named = files.map((file) => `"${file}"`).join(", ");
  const one = files.length === 1;
  return new FloeError(
    `${one ? "A file is" : `${files.length} files are`} in the way on ${where}, which home-manager did not make: ${named}`,
    {
      hint: `Move ${one ? "it" : "them"} away, or keep ${one ? "it" : "them"} under another name with --backup before-floe`,
      details: { files },
    },
  );
}
