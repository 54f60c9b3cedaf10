/** Plans, applies, rollbacks and changes of power of instances: the pipeline's functions, as jobs. */
import { FloeError, PlanStaleError } from "../../errors.ts";
import { type Fleet, type Instance, instancesOf } from "../../model/fleet.ts";
import { hasChanges, isOfServer, type Plan } from "../../model/plan.ts";
import {
  apply,
  type Connections,
  closeUnfinished,
  isStale,
  load,
  openConnections,
  type Planned,
  type Project,
  plan,
  planRollback,
  prepareConnected,
  rollback,
  setPower,
  type Work,
  writeFlake,
} from "../../pipeline.ts";
import { instanceAddress } from "../../plan/labels.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import type { ApplyRequest, Job, KeptPlan, PlanRequest, PowerRequest, RollbackPreview } from "../protocol.ts";
import { badRequest } from "../refused.ts";
import { few, nameOf } from "./selection.ts";

/** Of the whole fleet, or a part of it. */
export async function planNow(
  project: Project,
  { selection, prune = false, fixDrift = false }: PlanRequest,
  work: Work,
): Promise<Planned> {
  const { fleet, connections, evaluation, remember } = await prepareConnected(project, work);
  try {
    const scope = { selection, prune, drift: fixDrift ? ("fix" as const) : ("keep" as const) };
    const planned = await plan(fleet, scope, connections, work, evaluation);
    await remember();
    return planned;
  } finally {
    await connections.close();
  }
}

export function startPlan(serve: Serve, request: PlanRequest, user: string): Job {
  const { selection } = request;
  const title = selection === null ? "plan" : `plan ${few(selection.map(nameOf), "instances")}`;
  return serve.jobs.start({ kind: "plan", title, subjects: selection ?? [], user }, async (work) => {
    const planned = await planNow(serve.project, request, work);
    serve.notePlan(planned);
    work.update({ planId: serve.jobs.keepPlan(planned.plan).id });
  });
}

/** `begun`: called when it is certain that the world is still the one of the plan, before anything changes. */
export function startApply(
  serve: Serve,
  { plan: saved, id }: Extract<KeptPlan, { kind: "instances" }>,
  { partial = false }: ApplyRequest,
  user: string,
  begun: () => void,
): Job {
  const subjects = saved.changes.flatMap((change) =>
    change.kind === "instance" && change.action !== "none" ? [change.address] : [],
  );
  const title = subjects.length === 0 ? "apply" : `apply ${few(subjects.map(nameOf), "instances")}`;
  return serve.jobs.start({ kind: "apply", title, subjects, user, verb: "apply" }, async (work) => {
    work.update({ planId: id });
    const fleet = await load(serve.project, work);
    await writeFlake(fleet, work);
    await withConnections(fleet, work, async (connections) => {
      const { selection, prune, canary, drift } = saved;
      const planned = await plan(fleet, { selection, prune, ...defined({ canary, drift }) }, connections, work);
      if (isStale(saved, planned.plan))
        throw new PlanStaleError("The world or the project has changed since the plan was made", {
          hint: "Make a new plan and look at it",
        });
      begun();
      if (!hasChanges(planned.plan)) return closeUnfinished(fleet, work.lock);
      const isPartial = partial || planned.plan.problems.every(isOfServer);
      if (!isPartial) throw heldUp(planned.plan);
      const request = { ...planned, clients: await connections.clients, lock: work.lock, partial: true };
      work.update({ report: await apply(fleet, request, work) });
    });
  });
}

/** What a rollback would do. */
export async function previewRollback(
  serve: Serve,
  instance: Instance,
  to: number | undefined,
  signal: AbortSignal,
): Promise<RollbackPreview> {
  const fleet = serve.fleet();
  return withConnections(fleet, { signal }, async (connections) => {
    const clients = await connections.clients;
    const { change } = await planRollback({ fleet, name: instance.name, clients, ...defined({ to }) });
    const plan: Plan = {
      ...{ version: 1, fleet: fleet.name, changes: [change], problems: [], orphans: [], prune: false, basis: "" },
      selection: [change.address],
    };
    const lines = serve.words.instances(plan, { isRollback: true }).trimEnd().split("\n");
    return { lines, ...defined({ downtimeMs: change.downtimeMs }) };
  });
}

export function startRollback(serve: Serve, instance: Instance, to: number | undefined, user: string): Job {
  const { name } = instance;
  const request = { kind: "rollback", title: `rollback ${name}`, verb: "rollback", user } as const;
  return serve.jobs.start({ ...request, subjects: [instanceAddress(instance)] }, async (work) => {
    const fleet = await load(serve.project, work);
    await withConnections(fleet, work, async (connections) => {
      const clients = await connections.clients;
      work.update({ report: await rollback(fleet, name, { clients, lock: work.lock, ...defined({ to }) }, work) });
    });
  });
}

export function startPower(
  serve: Serve,
  { action, instances: addresses, force = false }: PowerRequest,
  user: string,
): Job {
  if (addresses.length === 0) throw badRequest("No instance is named");
  const title = `${action} ${few(addresses.map(nameOf), "instances")}`;
  return serve.jobs.start({ kind: "power", title, subjects: addresses, user, verb: action }, async (work) => {
    const fleet = serve.fleet();
    const instances = instancesOf(fleet).filter((instance) => addresses.includes(instanceAddress(instance)));
    await withConnections(fleet, work, async (connections) => {
      const request = { action, instances, force, clients: await connections.clients, lock: work.lock };
      requireDone(action, await setPower(fleet, request, work));
    });
  });
}

// --- internal ---

async function withConnections<T>(
  fleet: Fleet,
  { signal }: Pick<Work, "signal">,
  use: (connections: Connections) => Promise<T>,
): Promise<T> {
  const connections = openConnections(fleet, signal);
  try {
    return await use(connections);
  } finally {
    await connections.close();
  }
}

function heldUp({ problems }: Plan): FloeError {
  const [first] = problems;
  return new FloeError(
    `Part of the fleet cannot be planned, so nothing was changed: ${first?.subject}: ${first?.message}`,
    {
      hint: "Mend it, or apply the rest",
    },
  );
}

function requireDone(action: string, results: Awaited<ReturnType<typeof setPower>>): void {
  const bad = results.filter(({ outcome }) => outcome === "failed" || outcome === "skipped");
  const [first] = bad;
  if (first === undefined) return;
  const others = bad.length === 1 ? "" : `, and ${bad.length - 1} more`;
  throw new FloeError(`Cannot ${action} "${first.name}": ${first.error ?? "it was not begun"}${others}`, {
    hint: first.hint,
  });
}
