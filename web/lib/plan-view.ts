/** What a plan comes to, for its page. Pure. */
import type { HostPlan } from "../../src/model/host-plan.ts";
import type { Change, ChangeAction, InstanceChange, Plan } from "../../src/model/plan.ts";
import type { Job, KeptPlan } from "../../src/serve/protocol.ts";
import { isChange } from "./jobs.ts";
import { roughly } from "./words.ts";

export const actionSigns: Readonly<Record<ChangeAction, string>> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "−",
  none: "=",
};

/** What people call what changes. */
export function nameOf(change: Change): string {
  return change.kind === "image" ? change.container : change.name;
}

/** Something happens to it, or somebody changed it by hand. */
export function isToldOf(change: Change): boolean {
  return change.action !== "none" || driftCount(change) > 0;
}

export function driftCount(change: Change): number {
  return change.kind === "instance" || change.kind === "profile" ? (change.drift?.length ?? 0) : 0;
}

/** Instances that change: what can be selected one by one. */
export function changingInstances(plan: Plan): InstanceChange[] {
  return plan.changes.filter(
    (change): change is InstanceChange => change.kind === "instance" && change.action !== "none",
  );
}

/** `2 to create`, `1 to replace`; in the order of their weight. */
export function countActions(plan: Plan): readonly { readonly action: ChangeAction; readonly count: number }[] {
  const actions: readonly ChangeAction[] = ["create", "update", "replace", "delete"];
  return actions
    .map((action) => ({ action, count: plan.changes.filter((change) => change.action === action).length }))
    .filter(({ count }) => count > 0);
}

/** Who does not serve, and for how long; empty: nobody is interrupted. */
export function downtimes(plan: Plan): readonly string[] {
  return changingInstances(plan)
    .filter(({ downtimeMs = 0, method }) => downtimeMs > 0 && method !== "start")
    .map(({ name, downtimeMs = 0 }) => `${name} for ${roughly(downtimeMs)}`);
}

/** Number of things that an apply would do. */
export function changeCount(kept: KeptPlan): number {
  const { changes }: { readonly changes: readonly { readonly action: ChangeAction }[] } = kept.plan;
  return changes.filter(({ action }) => action !== "none").length;
}

/** For how long a plan is taken to be good without being made again, in milliseconds. */
const freshMs = 10 * 60_000;

/** A job ends a little after what it found is noted. */
const sameMs = 500;

/**
 * The plan to show when somebody asks for one: the latest of its kind, if nothing changed since. `plannedAt`: when the server last found out for itself what
 * is pending, which it does when a file was changed.
 */
export function freshPlanJob(
  jobs: readonly Job[],
  kind: "plan" | "plan-hosts",
  now: number,
  plannedAt = 0,
): Job | undefined {
  const latest = jobs.find((job) => job.kind === kind);
  if (latest === undefined) return undefined;
  if (latest.state === "running") return latest;
  if (latest.planId === undefined || now - (latest.endedAt ?? 0) > freshMs) return undefined;
  if ((latest.endedAt ?? 0) < plannedAt - sameMs) return undefined;
  const isOvertaken = jobs.some((job) => isChange(job) && (job.endedAt ?? now) > latest.startedAt);
  return isOvertaken ? undefined : latest;
}

/** One unit that is touched, and how. */
export function touchedUnits(
  units: NonNullable<HostPlan["changes"][number]["units"]>,
): readonly { readonly verb: string; readonly names: readonly string[] }[] {
  return [
    { verb: "stop", names: units.stop },
    { verb: "restart", names: units.restart },
    { verb: "reload", names: units.reload },
    { verb: "start", names: units.start },
    { verb: "left as they are", names: units.notRestarted },
  ].filter(({ names }) => names.length > 0);
}
