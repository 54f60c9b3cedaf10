/** What an unattended apply did, for somebody who reads it in the morning. Pure. */
import type { InputUpdate } from "../nix/update.ts";
import type { ApplyReport, ChangeReport } from "../report/reduce.ts";

export interface Summary {
  readonly fleet: string;
  /** False: nobody has to be told. */
  readonly isNews: boolean;
  readonly isFailure: boolean;
  /** One line. */
  readonly subject: string;
  /** Lines of text, without colours. */
  readonly text: string;
}

export interface Outcome {
  readonly fleet: string;
  readonly updates: readonly InputUpdate[];
  /** Absent when it did not get that far. */
  readonly report?: ApplyReport;
  /** What ended it. */
  readonly error?: { readonly message: string; readonly hint?: string | undefined };
  /** Parts of the fleet that could not be planned. */
  readonly problems?: readonly { readonly subject: string; readonly message: string }[];
  /** The new lock was taken back. */
  readonly isLockRestored: boolean;
}

export function summarise(outcome: Outcome): Summary {
  const { fleet, updates, report, error, problems = [], isLockRestored } = outcome;
  const changes = (report?.changes ?? []).filter(({ kind }) => kind === "instance");
  const failed = (report?.changes ?? []).filter(({ outcome: how }) => how !== undefined && how !== "done");
  const isFailure = error !== undefined || failed.length > 0 || problems.length > 0;
  const done = changes.filter(({ outcome: how }) => how === "done");
  const lines = [
    ...updates.map(describeUpdate),
    ...(isLockRestored ? ["flake.lock was put back as it was"] : []),
    ...done.map(({ name, method, ms }) => `done     ${name}: ${method ?? "changed"}, ${(ms / 1000).toFixed(1)} s`),
    ...failed.map(describeFailure),
    ...problems.map(({ subject, message }) => `problem  ${subject}: ${message}`),
    ...(error === undefined
      ? []
      : [`error    ${error.message}`, ...(error.hint === undefined ? [] : [`         ${error.hint}`])]),
  ];
  return {
    fleet,
    isFailure,
    isNews: isFailure || done.length > 0,
    subject: `${fleet}: ${headline(done.length, failed, problems.length + (error === undefined ? 0 : 1))}`,
    text: `${lines.join("\n")}\n`,
  };
}

// --- internal ---

function headline(done: number, failed: readonly ChangeReport[], problems: number): string {
  const skipped = failed.filter(({ outcome }) => outcome === "skipped").length;
  const parts = [
    ...(done > 0 ? [`${done} ${done === 1 ? "instance" : "instances"} updated`] : []),
    ...(failed.length > skipped ? [`${failed.length - skipped} failed`] : []),
    ...(skipped > 0 ? [`${skipped} not begun`] : []),
    ...(problems > 0
      ? [failed.length === 0 ? "the nightly apply failed" : `${problems} ${problems === 1 ? "problem" : "problems"}`]
      : []),
  ];
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

function describeUpdate({ input, before, after }: InputUpdate): string {
  const name = ({ rev, lastModified }: InputUpdate["after"]): string =>
    `${rev.replace(/^sha256-/, "").slice(0, 9)}${lastModified === undefined ? "" : ` (${new Date(lastModified * 1000).toISOString().slice(0, 10)})`}`;
  return `input    ${input}: ${before === undefined ? "new" : name(before)} → ${name(after)}`;
}

/** `undone` is the good failure: what ran before runs again. */
function describeFailure({ name, kind, outcome, error, hint }: ChangeReport): string {
  const what = kind === "instance" ? name : `${kind} ${name}`;
  const how = { undone: "undone", failed: "FAILED", skipped: "skipped", done: "done" }[outcome ?? "skipped"].padEnd(8);
  const after = outcome === "undone" ? "; what ran before runs again" : "";
  const why = error === undefined ? "" : `: ${error.split("\n").join("\n         ")}`;
  return `${how} ${what}${why}${after}${outcome === "failed" && hint !== undefined ? `\n         ${hint}` : ""}`;
}
