/** Plans, switches and rollbacks of hosts, as jobs. Nobody can type a password here: a host that wants one is switched in a terminal. */
import { FloeError, PlanStaleError } from "../../errors.ts";
import type { Evaluation } from "../../model/evaluation.ts";
import type { Fleet, Host } from "../../model/fleet.ts";
import { type HostPlan, hasHostChanges } from "../../model/host-plan.ts";
import { evaluationProblems } from "../../model/problems.ts";
import {
  applyHosts,
  closeUnfinished,
  evaluate,
  load,
  openCopies,
  openHosts,
  planHostRollback,
  planOnly,
  prepareHosts,
  rollBackHost,
  type Work,
  writeFlake,
} from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import type { JobWork, Serve } from "../context.ts";
import type { ApplyRequest, Job, KeptPlan, RollbackPreview } from "../protocol.ts";
import { few } from "./selection.ts";

export function startPlanHosts(serve: Serve, hosts: readonly Host[], user: string): Job {
  const names = hosts.map(({ name }) => name);
  const subjects = names.map((name) => `host:${name}`);
  return serve.jobs.start(
    { kind: "plan-hosts", title: `plan ${few(names, "hosts")}`, subjects, user },
    async (work) => {
      const fleet = await load(serve.project, work);
      await writeFlake(fleet, work);
      const plan = await lookAndPlan(fleet, present(fleet, names), work);
      serve.noteHostPlan(plan);
      work.update({ planId: serve.jobs.keepPlan(plan).id });
    },
  );
}

/** `begun`: as of `startApply`. */
export function startSwitch(
  serve: Serve,
  { plan: saved, id }: Extract<KeptPlan, { kind: "hosts" }>,
  _request: ApplyRequest,
  user: string,
  begun: () => void,
): Job {
  const names = saved.changes.flatMap(({ name, action }) => (action === "none" ? [] : [name]));
  const request = { kind: "switch", title: `switch ${few(names, "hosts")}`, verb: "switch", user } as const;
  return serve.jobs.start({ ...request, subjects: names.map((name) => `host:${name}`) }, async (work) => {
    work.update({ planId: id });
    const fleet = await load(serve.project, work);
    await writeFlake(fleet, work);
    try {
      await carryOut(fleet, present(fleet, names), { saved, user, begun }, work);
    } finally {
      serve.refreshHosts(names);
    }
  });
}

export async function previewHostRollback(
  serve: Serve,
  host: Host,
  to: number | undefined,
  signal: AbortSignal,
): Promise<RollbackPreview> {
  const planned = await planHostRollback(serve.fleet(), host, defined({ to }), { emit: () => {}, signal }).catch(
    inTerminal,
  );
  try {
    const head = `Back to generation ${planned.generation.number}:`;
    return { lines: [head, "", ...serve.words.hosts(planned.plan).trimEnd().split("\n")] };
  } finally {
    await planned.close();
  }
}

export function startHostRollback(serve: Serve, { name }: Host, to: number | undefined, user: string): Job {
  const request = { kind: "rollback", title: `rollback ${name}`, verb: "rollback", user } as const;
  return serve.jobs.start({ ...request, subjects: [`host:${name}`] }, async (work) => {
    const fleet = await load(serve.project, work);
    const [host] = present(fleet, [name]);
    if (host === undefined) throw new FloeError(`There is no host "${name}" any more`);
    const planned = await planHostRollback(fleet, host, defined({ to }), work).catch(inTerminal);
    try {
      refuseProblems(planned.plan);
      work.update({ report: await rollBackHost(fleet, host, planned, { lock: work.lock, by: user }, work) });
    } finally {
      await planned.close();
      serve.refreshHosts([name]);
    }
  });
}

// --- internal ---

function present(fleet: Fleet, names: readonly string[]): Host[] {
  return names.flatMap((name) => fleet.hosts[name] ?? []);
}

/** Read only; systems are built, nothing is copied. */
async function lookAndPlan(fleet: Fleet, hosts: readonly Host[], work: Work): Promise<HostPlan> {
  let evaluation: Evaluation = nothing;
  const evaluateHosts = async (names: readonly string[]): Promise<Evaluation> => {
    if (names.length > 0) evaluation = await evaluate(fleet, { hosts: names, containers: [], shells: [] }, work);
    return evaluation;
  };
  const plan = await planOnly(fleet, hosts, { build: true, evaluateHosts }, work);
  return { ...plan, problems: [...evaluationProblems(evaluation), ...plan.problems] };
}

interface Switch {
  readonly saved: HostPlan;
  readonly user: string;
  readonly begun: () => void;
}

/** connect → prepare, and if that is the plan that was seen: apply. */
async function carryOut(
  fleet: Fleet,
  hosts: readonly Host[],
  { saved, user, begun }: Switch,
  work: JobWork,
): Promise<void> {
  const open = await openHosts(fleet, hosts, undefined, work);
  const copies = await openCopies(fleet, undefined, work);
  try {
    for (const machine of open.machines.values()) if (machine instanceof FloeError) throw inTerminalError(machine);
    const request = { action: "switch", copies, adopt: false, canary: false } as const;
    const { plan, built } = await prepareHosts(fleet, open, request, work);
    refuseProblems(plan);
    refuseOther(saved, plan);
    begun();
    if (!hasHostChanges(plan)) return closeUnfinished(fleet, work.lock);
    const apply = { plan, machines: open.machines, built, copies, lock: work.lock, by: user, options: {} };
    work.update({ report: await applyHosts(fleet, apply, work) });
  } finally {
    copies.stop();
    await open.close();
  }
}

/** The systems that were read are the ones that are switched to, from what they were to be switched from. @throws PlanStaleError */
function refuseOther(saved: HostPlan, plan: HostPlan): void {
  const seen = new Map(saved.changes.map((change) => [change.name, change]));
  const isOther = plan.changes.some(({ name, system, current }) => {
    const before = seen.get(name);
    return before?.system !== system || before.current !== current;
  });
  if (isOther)
    throw new PlanStaleError("A host or the project has changed since the plan was made", {
      hint: "Make a new plan and look at it",
    });
}

/** @throws FloeError for the first */
function refuseProblems({ problems }: HostPlan): void {
  const [first] = problems;
  if (first !== undefined)
    throw new FloeError(`Nothing was changed: ${first.subject}: ${first.message}`, { hint: first.hint });
}

function inTerminal(error: unknown): never {
  throw error instanceof FloeError ? inTerminalError(error) : error;
}

/** Where somebody would have to type a password. */
function inTerminalError(error: FloeError): FloeError {
  if (!/password/i.test(error.message)) return error;
  return new FloeError(error.message, {
    hint: "The dashboard asks for no passwords: use floe switch or floe rollback in a terminal",
    details: error.details,
  });
}

const nothing: Evaluation = { hosts: {}, images: {}, shells: {} };
