/** Words for the ways in which things change. Pure: the terminal and the dashboard say the same. */
import type { Change, ChangeMethod, InstanceChange } from "../../model/plan.ts";
import { roughly } from "./words.ts";

export interface MannerOptions {
  /** The plan of a rollback: what takes an instance's place is its predecessor. */
  readonly isRollback?: boolean;
}

/** `swapped for its successor: down for about 3 s`; empty: its action says all. */
export function mannerOf(change: Change, options: MannerOptions = {}): string {
  switch (change.kind) {
    case "image":
      return change.action === "none"
        ? ""
        : change.fingerprint === undefined
          ? "built, then imported"
          : "imported already, now marked";
    case "profile":
      return change.action === "update" && change.differences.length === 0 ? "labels only" : "";
    case "volume":
      return `in pool ${change.pool}`;
    case "instance":
      return change.method === null || change.action === "none" ? "" : instanceManner(change, change.method, options);
  }
}

// --- internal ---

/** What each way of changing means for whoever uses the instance. */
const methods: Readonly<Record<ChangeMethod, string>> = {
  create: "",
  swap: "swapped for its successor",
  "swap-warm": "swapped for a successor that is proved first",
  rebuild: "its root disk is made anew",
  "in-place": "switched inside the running container",
  live: "live",
  restart: "restarted",
  start: "started: it is stopped now",
  recover: "an interrupted apply is finished or undone first",
  relabel: "labels only",
  delete: "stopped and deleted; its volumes stay",
};

function instanceManner(
  { then, downtimeMs }: InstanceChange,
  method: ChangeMethod,
  { isRollback = false }: MannerOptions,
): string {
  if (isRollback && method === "swap") return "swapped for its predecessor";
  const what =
    then === undefined || methods[then] === "" ? methods[method] : `${methods[method]}, then ${methods[then]}`;
  if (downtimeMs === undefined || method === "relabel") return what;
  if (method === "start") return `${what}, up in ${roughly(downtimeMs)}`;
  return `${what}: ${downtimeMs === 0 ? "no downtime" : `down for ${roughly(downtimeMs)}`}`;
}
