/** What one instance needs to become as described, and how. Pure. */
import type { ChangeAction, ChangeMethod, Difference, InstanceChange } from "../model/plan.ts";
import { type Comparison, compare } from "./compare.ts";
import type { DesiredInstance } from "./desired.ts";
import { physicalNames } from "./labels.ts";
import type { ObservedInstance, ObservedProfile } from "./observed.ts";
import { readPending } from "./pending.ts";
import { type InstanceObjects, isProved, isUp, type RecoveryStep, recovered, recoverySteps } from "./recovery.ts";

/** `objects` are this fleet's only. */
export function diffInstance(
  desired: DesiredInstance,
  objects: InstanceObjects,
  profiles: readonly ObservedProfile[],
): InstanceChange {
  const steps = recoverySteps(objects, desired);
  const whole = recovered(objects, desired);
  const wanted = whole.current === undefined ? creation() : update(desired, whole.current, profiles);
  const first = steps.length > 0;
  const method = first ? "recover" : wanted.method;
  return {
    kind: "instance",
    address: desired.address,
    name: desired.name,
    container: desired.container,
    server: desired.server,
    project: desired.project,
    action: first && wanted.method === null ? "update" : actionOf(wanted.method),
    method,
    ...(first && wanted.method !== null && wanted.method !== "recover" ? { then: wanted.method } : {}),
    differences: [...(first ? [interrupted] : []), ...wanted.differences],
    notes: [
      ...steps.flatMap((step) => recoveryNote(desired.name, step)),
      ...wanted.notes,
      ...notesOnKept(desired, whole, wanted.method),
    ],
  };
}

// --- internal ---

interface Wanted {
  readonly method: ChangeMethod | null;
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
}

const interrupted: Difference = { key: "status", note: "an apply was interrupted here" };
const unproved: Difference = { key: "status", note: "an apply was interrupted before this was proved healthy" };

function creation(): Wanted {
  return { method: "create", differences: [], notes: [] };
}

function update(desired: DesiredInstance, current: ObservedInstance, profiles: readonly ObservedProfile[]): Wanted {
  const comparison = compare(desired, current, profiles);
  const pending = readPending(current.config);
  const isToStart = !isUp(current) && desired.autostart;
  const method = methodOf(comparison, current, isToStart, pending?.restart);
  const differences = [
    ...comparison.differences,
    ...(isToStart ? [{ key: "status", before: current.status, after: "running" }] : []),
    ...(pending !== undefined || method === "recover" ? [unproved] : []),
  ];
  const hand = comparison.byHand.map((what) => `The ${what} was set by hand and is kept`);
  const rests = method === "swap" && !isUp(current) && !desired.autostart;
  return {
    method,
    differences,
    notes: rests ? [...hand, "It is stopped and stays so: the health of its successor is not checked"] : hand,
  };
}

/** `pendingRestart`: a change was written before and not proved; undefined when there is none. */
function methodOf(
  comparison: Comparison,
  current: ObservedInstance,
  isToStart: boolean,
  pendingRestart: boolean | undefined,
): ChangeMethod | null {
  if (comparison.reach === "swap") return "swap";
  if (isToStart) return "start";
  if (isUp(current) && (comparison.reach === "restart" || pendingRestart === true)) return "restart";
  if (comparison.reach !== "none" || pendingRestart !== undefined) return "live";
  if (!isProved(current)) return "recover";
  return comparison.isLabelStale ? "relabel" : null;
}

function actionOf(method: ChangeMethod | null): ChangeAction {
  if (method === null) return "none";
  return method === "create" ? "create" : method === "swap" ? "replace" : "update";
}

/** For people, the steps that they would notice. */
function recoveryNote(name: string, step: RecoveryStep): string[] {
  const names = physicalNames(name);
  switch (step.kind) {
    case "put-back":
      return [`"${names.outgoing}" is put back as "${name}"`];
    case "set-aside":
      return step.place === "current"
        ? [`"${name}" was not proved healthy: it is kept as "${step.to === "next" ? names.failed : names[step.to]}"`]
        : [];
    case "retire":
      return [`"${names.outgoing}" is kept as "${names.previous}"`];
    case "revert":
      return ["A change that was not proved healthy is taken back"];
    case "start":
      return [`"${names[step.place]}" is started again`];
    case "discard":
      return step.place === "next" ? [`"${names.next}", a successor that was never used, is deleted`] : [];
    default:
      return [];
  }
}

/** What happens to predecessors, where a person may not expect it. */
function notesOnKept(
  { name, keep }: DesiredInstance,
  { current, previous }: InstanceObjects,
  method: ChangeMethod | null,
): string[] {
  if (method !== "swap" || current === undefined) return [];
  const names = physicalNames(name);
  const mine = current.snapshots?.length ?? 0;
  const older = previous?.snapshots?.length ?? 0;
  return [
    ...(mine > 0 ? [`Its snapshots stay with the predecessor, "${names.previous}"`] : []),
    ...(older > 0 ? [`"${names.previous}" has snapshots and is not deleted: it gets the name "${name}-kept"`] : []),
    ...(keep <= 1 && mine === 0 ? ["Its predecessor is deleted once it is healthy (keep: 1)"] : []),
  ];
}
