/** Why something changes, one line a difference: what it was and becomes, how far that reaches, and what stays as it is. */
import type { Change, Difference, ImageChange, InstanceChange, ProfileChange } from "../../model/plan.ts";
import type { PlanOptions } from "./plan.ts";
import { truncate } from "./table.ts";
import { shortStorePath } from "./words.ts";

/** Indented lines below the head of a change. */
export function reasonsOf(change: Change, options: PlanOptions): string[] {
  return textsOf(change, options).map((text) => `      ${text}`);
}

/** What somebody changed by hand and stays. */
export function driftOf(change: Change): readonly Difference[] {
  return change.kind === "instance" || change.kind === "profile" ? (change.drift ?? []) : [];
}

/** Both store paths of an image are said where it is built; a value that is only added or removed tells less than its note. */
export function isSaidByNote(difference: Difference): boolean {
  const { before, after, note, isDrift } = difference;
  return note !== undefined && isDrift !== true && (isBuilt(difference) || before === undefined || after === undefined);
}

/** `restart: set when the container starts`. That something counts at once needs no reason. */
export function reachWords({ reach, why }: Difference): string | undefined {
  if (reach === undefined) return why;
  return reach === "live" || why === undefined ? reach : `${reach}: ${why}`;
}

// --- internal ---

function textsOf(change: Change, options: PlanOptions): string[] {
  switch (change.kind) {
    case "instance":
    case "profile":
      return settingReasons(change, options);
    case "image":
      return imageReasons(change, options);
    case "volume":
      return [];
  }
}

function imageReasons(change: ImageChange, options: PlanOptions): string[] {
  if (change.action === "none" || change.previousRootfs === undefined) return [];
  const show = (path: string): string => (options.verbose ? path : shortStorePath(path));
  return [`root file system: ${options.colors.dim(show(change.previousRootfs))} → ${show(change.rootfs)}`];
}

/** What is new needs no reasons; everything about it is new. */
function settingReasons(change: InstanceChange | ProfileChange, options: PlanOptions): string[] {
  const { colors } = options;
  const differences = change.action === "create" && !options.verbose ? [] : change.differences;
  return [
    ...differences.map((difference) => reason(difference, options)),
    ...driftOf(change).map((difference) => `${colors.cyan("≠")} ${driftReason(difference, options)}`),
    ...change.notes.map((note) => `${colors.yellow("!")} ${note}`),
  ];
}

/** `before` is what is described, `after` what somebody made of it. */
function driftReason({ key, before, after, note }: Difference, options: PlanOptions): string {
  const both = before !== undefined && after !== undefined;
  const only = shortValue(key, after ?? before ?? "", options);
  const values = both
    ? valuesOf({ key, before, after }, options)
    : after === undefined
      ? options.colors.dim(only)
      : only;
  return `${key}: ${values}${note === undefined ? "" : options.colors.dim(` (${note})`)}`;
}

function reason(difference: Difference, options: PlanOptions): string {
  const { key, note } = difference;
  const isNoteEnough = isSaidByNote(difference);
  const words = [isNoteEnough ? undefined : note, reachWords(difference)].filter((word) => word !== undefined);
  const remark = words.length === 0 ? "" : options.colors.dim(`(${words.join("; ")})`);
  return [`${key}:`, isNoteEnough ? note : valuesOf(difference, options), remark]
    .filter((part) => part !== "")
    .join(" ");
}

/** From one build of floe's to another, for which "derivation changed" says all; not from or to an image that floe does not build. */
function isBuilt({ key, before, after }: Difference): boolean {
  return key === "system" || (key === "image" && ![before, after].some((value) => value?.startsWith("image:")));
}

function valuesOf({ key, before, after }: Difference, options: PlanOptions): string {
  const { colors } = options;
  const show = (value: string): string => shortValue(key, value, options);
  if (before !== undefined && after !== undefined) return `${colors.dim(show(before))} → ${show(after)}`;
  if (after !== undefined) return `${colors.green("added")} ${show(after)}`;
  return before === undefined ? "" : `${colors.red("removed")} ${colors.dim(show(before))}`;
}

/** Two of them fit beside the key. */
function shortValue(key: string, value: string, { width = 120, verbose }: PlanOptions): string {
  const room = Math.max(16, Math.floor((width - key.length - 12) / 2));
  return value
    .split("\n")
    .map((line) => (verbose ? line : truncate(shortStorePath(line), room)))
    .slice(0, verbose ? undefined : 1)
    .join("\n        ");
}
