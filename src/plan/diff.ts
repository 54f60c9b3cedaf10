/** What one instance needs to become as described, and how. Pure. */
import type { ChangeAction, ChangeMethod, Difference, InstanceChange } from "../model/plan.ts";
import { defined } from "../util/defined.ts";
import { methodFor } from "./classify.ts";
import { type Comparison, compare } from "./compare.ts";
import { expand, type ProfileWorld } from "./compare-profiles.ts";
import type { DesiredInstance } from "./desired.ts";
import { downtimeOf, type StepTimes } from "./downtime.ts";
import { physicalNames } from "./labels.ts";
import type { ObservedInstance } from "./observed.ts";
import { readPending } from "./pending.ts";
import { type InstanceObjects, isProved, isUp, type RecoveryStep, recovered, recoverySteps } from "./recovery.ts";
import { strategyNotes } from "./strategy.ts";

/** `objects` are this fleet's only; `times` what earlier steps of the instance took. */
export function diffInstance(
  desired: DesiredInstance,
  objects: InstanceObjects,
  profiles: ProfileWorld,
  times: () => StepTimes | undefined = () => undefined,
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
    ...(wanted.drift.length === 0 ? {} : { drift: wanted.drift }),
    ...defined({ downtimeMs: downtime(desired, whole.current, profiles, wanted, times) }),
    notes: [
      ...steps.flatMap((step) => recoveryNote(desired.name, step)),
      ...wanted.notes,
      ...strategyNotes(desired, wanted.method),
      ...notesOnKept(desired, whole, wanted.method),
    ],
  };
}

// --- internal ---

interface Wanted {
  readonly method: ChangeMethod | null;
  readonly differences: readonly Difference[];
  readonly drift: readonly Difference[];
  readonly notes: readonly string[];
}

const interrupted: Difference = { key: "status", note: "an apply was interrupted here" };
const unproved: Difference = { key: "status", note: "an apply was interrupted before this was proved healthy" };

function creation(): Wanted {
  return { method: "create", differences: [], drift: [], notes: [] };
}

function update(desired: DesiredInstance, current: ObservedInstance, profiles: ProfileWorld): Wanted {
  const comparison = compare(desired, current, profiles);
  const pending = readPending(current.config);
  const isToStart = !isUp(current) && desired.autostart;
  const method = methodOf(desired, comparison, current, isToStart, pending?.restart);
  const differences = [
    ...comparison.differences,
    ...(isToStart ? [{ key: "status", before: current.status, after: "running" }] : []),
    ...(pending !== undefined || method === "recover" ? [unproved] : []),
  ];
  const rests = isReplacing(method) && !isUp(current) && !desired.autostart;
  return {
    method,
    differences,
    drift: comparison.drift,
    notes: rests ? ["It is stopped and stays so: the health of its successor is not checked"] : [],
  };
}

/** `pendingRestart`: a change was written before and not proved; undefined when there is none. */
function methodOf(
  { update: strategy }: DesiredInstance,
  comparison: Comparison,
  current: ObservedInstance,
  isToStart: boolean,
  pendingRestart: boolean | undefined,
): ChangeMethod | null {
  const reach = methodFor(comparison.reach, strategy);
  if (reach !== undefined && reach !== "live" && reach !== "restart") return reach;
  if (isToStart) return "start";
  if (isUp(current) && (reach === "restart" || pendingRestart === true)) return "restart";
  if (reach !== undefined || pendingRestart !== undefined) return "live";
  if (!isProved(current)) return "recover";
  return comparison.isLabelStale ? "relabel" : null;
}

/** Nothing to say of what does not run now. */
function downtime(
  desired: DesiredInstance,
  current: ObservedInstance | undefined,
  profiles: ProfileWorld,
  { method, differences }: Wanted,
  times: () => StepTimes | undefined,
): number | undefined {
  if (method === null || current === undefined || (!isUp(current) && method !== "start")) return undefined;
  const devices = { ...expand(desired.profiles, profiles.after).devices, ...desired.devices };
  const changing = Object.entries(current.expandedDevices).filter(([name]) =>
    differences.some(({ key }) => `${key}.`.includes(`devices.${name}.`)),
  );
  return downtimeOf({
    method,
    times: times() ?? {},
    devices: Object.values(devices),
    restart: differences.some(({ reach }) => reach === "restart"),
    changing: changing.map(([, device]) => device),
  });
}

function isReplacing(method: ChangeMethod | null): boolean {
  return method === "swap" || method === "swap-warm" || method === "rebuild";
}

function actionOf(method: ChangeMethod | null): ChangeAction {
  if (method === null) return "none";
  return method === "create" ? "create" : isReplacing(method) ? "replace" : "update";
}

/** For people, the steps that they would notice. */
function recoveryNote(name: string, step: RecoveryStep): string[] {
  const names = physicalNames(name);
  switch (step.kind) {
    case "put-back":
      return [`"${names[step.place]}" is put back as "${name}"`];
    case "set-aside":
      return step.place === "current"
        ? [`"${name}" was not proved healthy: it is kept as "${step.to === "next" ? names.failed : names[step.to]}"`]
        : [];
    case "retire":
      return [`"${names.outgoing}" is kept as "${names.previous}"`];
    case "switch-back":
      return ["The system that it was being switched to was not proved: the one before it comes back"];
    case "rebuild":
      return [`The root disk of "${name}" is made anew from the image that ran before`];
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
  if ((method !== "swap" && method !== "swap-warm") || current === undefined) return [];
  const names = physicalNames(name);
  const mine = current.snapshots?.length ?? 0;
  const older = previous?.snapshots?.length ?? 0;
  return [
    ...(mine > 0 ? [`Its snapshots stay with the predecessor, "${names.previous}"`] : []),
    ...(older > 0 ? [`"${names.previous}" has snapshots and is not deleted: it gets the name "${name}-kept"`] : []),
    ...(keep <= 1 && mine === 0 ? ["Its predecessor is deleted once it is healthy (keep: 1)"] : []),
  ];
}
