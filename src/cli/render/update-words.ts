/** Revisions, dates and commits of an input in words. */
import type { InputChange, Revision } from "../../pipeline.ts";
import { counted, printable } from "./words.ts";

/** The cells behind an input's name: revisions, dates, commits. */
export function revisionWords({ before, after, commits }: InputChange): string[] {
  const revisions = [before, after].flatMap((revision) => (revision === undefined ? [] : [short(revision)]));
  const words = before === undefined ? "new" : after === undefined ? "gone" : "";
  const count = commits === undefined ? "" : `${commits.isEstimate ? "about " : ""}${counted(commits.count, "commit")}`;
  return [`${words} ${revisions.join(" → ")}`.trim(), datesOf(before, after), count];
}

/** The first line of somebody's commit. */
export function printableSubject(subject: string): string {
  return printable(subject).trim();
}

// --- internal ---

function short({ rev, narHash }: Revision): string {
  return (rev ?? narHash?.replace(/^sha256-/, "") ?? "?").slice(0, 7);
}

/** `2026-11-01 → 2026-11-20 (19 days newer)`. */
function datesOf(before: Revision | undefined, after: Revision | undefined): string {
  const [from, to] = [before, after].map((revision) => timeOf(revision));
  if (from === undefined || to === undefined) return day(to ?? from) ?? "";
  return `${day(from) === day(to) ? day(to) : `${day(from)} → ${day(to)}`}${difference(to - from)}`;
}

/** The snapshot's own time says nothing. */
function timeOf(revision: Revision | undefined): number | undefined {
  const seconds = revision?.lastModified;
  return seconds === undefined || seconds <= 1 ? undefined : seconds;
}

function day(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString().slice(0, 10);
}

function difference(seconds: number): string {
  const size = Math.abs(seconds);
  const [count, unit] =
    size >= 86_400 ? [Math.round(size / 86_400), "day"] : size >= 3600 ? [Math.round(size / 3600), "hour"] : [0, ""];
  return count === 0 ? "" : ` (${counted(count, unit)} ${seconds > 0 ? "newer" : "older"})`;
}
