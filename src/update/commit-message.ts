/** The message of an update's commit. Pure. */
import { shortRevision } from "./flake-lock.ts";
import type { InputChange, Revision } from "./input-changes.ts";

/** Columns that a first line may take before tools cut it. */
const subjectWidth = 60;

/** Inputs with old → new, those of inputs below those that the project names. */
export function commitMessage(inputs: readonly InputChange[]): string {
  const own = inputs.filter(({ input }) => !input.includes("/"));
  const width = Math.max(0, ...inputs.map(({ input }) => input.length));
  const lines = inputs.flatMap((change) => [
    `${change.input.padEnd(width)}  ${revisions(change)}${datesOf(change)}`,
    ...(change.link === undefined ? [] : [`  ${change.link}`]),
  ]);
  return `${subjectOf(own.length > 0 ? own : inputs)}\n\n${lines.join("\n")}\n`;
}

// --- internal ---

function subjectOf(inputs: readonly InputChange[]): string {
  const names = inputs.map(({ input }) => input);
  const subject = `flake.lock: update ${names.join(", ")}`;
  return names.length > 0 && subject.length <= subjectWidth ? subject : `flake.lock: update ${names.length} inputs`;
}

function revisions({ before, after }: InputChange): string {
  if (before === undefined) return `new at ${shortRevision(after ?? {})}`;
  return after === undefined ? "gone" : `${shortRevision(before)} → ${shortRevision(after)}`;
}

function datesOf({ before, after }: InputChange): string {
  const dates = [before, after].flatMap((revision) => dayOf(revision) ?? []);
  return dates.length < 2 ? "" : ` (${dates.join(" → ")})`;
}

function dayOf(revision: Revision | undefined): string | undefined {
  const { lastModified } = revision ?? {};
  return lastModified === undefined || lastModified <= 1
    ? undefined
    : new Date(lastModified * 1000).toISOString().slice(0, 10);
}
