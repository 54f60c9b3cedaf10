/** Words for events; the stream itself has none. */
import type { ChangeOutcome, FloeEvent, Phase } from "../../report/events.ts";

export const phaseWords: Readonly<Record<Phase, string>> = {
  load: "Reading the project",
  synth: "Writing the flake",
  types: "Reading the options",
  update: "Looking for newer inputs",
  evaluate: "Evaluating",
  observe: "Looking at what runs",
  build: "Building",
  upload: "Importing images",
  apply: "Applying",
  recover: "Recovering from an interrupted apply",
};

const stepWords: Readonly<Record<string, string>> = {
  hash: "reading the image",
  upload: "importing the image",
  relabel: "writing labels",
  alias: "moving the alias",
  volume: "creating the volume",
  try: "trying it on an empty instance",
  profile: "writing its content",
  keep: "keeping it",
  create: "creating",
  prepare: "preparing the successor",
  carry: "carrying host keys and machine id over",
  isolate: "taking addresses and ports off for the trial",
  "trial-start": "starting the successor beside it",
  "trial-health": "waiting for the successor's health",
  "trial-stop": "stopping the proved successor",
  rebuild: "making the root disk anew",
  update: "changing settings",
  stop: "stopping",
  start: "starting",
  restart: "restarting",
  mark: "marking",
  unmark: "clearing marks",
  park: "taking addresses off",
  unpark: "giving addresses back",
  "hand-over": "handing addresses over",
  "take-over": "taking the name",
  "set-aside": "setting aside",
  "put-back": "putting back",
  retire: "keeping the old one",
  revert: "putting the old settings back",
  health: "waiting for health",
  commit: "marking it healthy",
  discard: "deleting what is left over",
  delete: "deleting",
  copy: "bringing the system to the server",
  switch: "switching",
  confirm: "waiting for the switch",
  boot: "setting what it boots",
  retain: "letting old systems go",
  "switch-back": "switching back",
  collect: "cleaning up",
  push: "writing to the cache",
};

/** Of hosts; others are as above. */
const hostStepWords: Readonly<Record<string, string>> = {
  connect: "connecting",
  copy: "copying the system",
  boot: "making it what boots next",
  confirm: "reaching it again",
  commit: "confirming",
  reboot: "rebooting",
  rollback: "going back",
};

/** `starting`; a step without a word of its own is called by its name. */
export function stepWord(step: string, subject = ""): string {
  return (subject.startsWith("host:") ? hostStepWords[step] : undefined) ?? stepWords[step] ?? step;
}

export const outcomeWords: Readonly<Record<ChangeOutcome, string>> = {
  done: "done",
  undone: "failed and undone",
  failed: "failed, and the undo failed too",
  skipped: "not begun",
};

/** What people call the thing at an address: `local/default/web-1` → `web-1`, `local/default/image:web` → `image web`. */
export function shortSubject(subject: string): string {
  const own = /^(?:host|home|cache):(.+)$/s.exec(subject)?.[1];
  if (own !== undefined) return own;
  const rest = subject.split("/").slice(2).join("/") || subject;
  return rest
    .replace(/^image:/, "image ")
    .replace(/^volume:[^/]*\//, "volume ")
    .replace(/^profile:/, "profile ");
}

/** How a change ended. Why it failed is told once, at the end; why one was not begun is told nowhere else. */
export function outcomeText({ outcome, error }: Extract<FloeEvent, { type: "change.end" }>): string {
  const words = outcomeWords[outcome];
  return outcome === "skipped" && error !== undefined ? `${words}: ${error.split("\n")[0]}` : words;
}
