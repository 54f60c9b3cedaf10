/**
 * Carries out a plan for hosts: copies go ahead, and each host is switched once those that it waits for are done. A failure spares what
 * depends on it, and everything that has not begun unless it is to go on.
 */
import { CancelledError, FloeError } from "../../errors.ts";
import type { HostChange } from "../../model/host-plan.ts";
import { orderTurns, type Turn } from "../../plan/order.ts";
import type { ApplyReport } from "../../report/reduce.ts";
import { type Outcome, reasonOf } from "../context.ts";
import { runInOrder } from "../parallel.ts";
import { recorder } from "../recorder.ts";
import { skipRest } from "../tidy-up.ts";
import { goBack } from "./go-back.ts";
import type { HostsInput, HostsRun, HostTarget } from "./run.ts";
import { switchHost } from "./switch-host.ts";

/** Machines that are switched at the same time where nothing else is said. */
export const defaultParallel = 5;

/**
 * What came of each host is in the report, failures too.
 * @throws CancelledError when the signal aborted, with the report in its details: what was begun is back or done by then
 */
export async function applyHosts(input: HostsInput): Promise<ApplyReport> {
  const { plan, emit, journal, signal } = input;
  const record = recorder(plan, emit, journal);
  const context = { fleet: plan.fleet, journal, signal, emit: record.emit };
  const run: HostsRun = { input, context, record, confirmed: new Map() };
  const begin = performance.now();
  const ms = (): number => Math.round(performance.now() - begin);
  try {
    await takeTurns(run);
    if (input.options?.revertAll === true && hasFailed(run)) await revertOthers(run);
    skipRest(record);
    if (signal.aborted && record.report().exitCode !== 0)
      throw new CancelledError("Stopped: what had begun is done or back, the rest was not begun");
    return record.end(ms());
  } catch (error) {
    input.copies.stop();
    skipRest(record);
    const report = record.end(ms(), error instanceof FloeError ? error.exitCode : 1);
    if (error instanceof CancelledError)
      throw new CancelledError(error.message, { hint: error.hint, cause: error, details: { report } });
    throw error;
  }
}

// --- internal ---

async function takeTurns(run: HostsRun): Promise<void> {
  const { input, record } = run;
  const { targets, options, copies } = input;
  const turns = turnsOf(input);
  record.emit({ type: "phase.start", phase: "apply", count: targets.length });
  const byName = new Map(targets.map((target) => [target.host.name, target]));
  for (const { address } of turns) {
    const { change, machine, host, isThere } = byName.get(address) as HostTarget;
    if (isThere === true) continue;
    copies.begin({ address: change.address, machine, paths: [change.system], substitute: host.substitute ?? true });
  }
  const tasks = turns.map((turn) => ({
    id: turn.address,
    after: [...turn.needs, ...turn.after],
    run: () => takeTurn(run, turn, byName.get(turn.address) as HostTarget),
  }));
  await runInOrder(tasks, options?.maxParallel ?? options?.batch ?? defaultParallel);
  record.emit({ type: "phase.end", phase: "apply", ok: record.report().exitCode === 0 });
}

/** The order that the plan shows: hosts are known by their names alone. */
function turnsOf({ targets, options }: HostsInput): Turn[] {
  const { canary = false, batch = Math.max(1, targets.length) } = options ?? {};
  const hosts = targets.map(({ host: { name, dependsOn } }) => ({
    ...{ address: name, name, server: "", project: "", container: "" },
    dependsOn,
  }));
  return orderTurns(hosts, () => ({ canary, parallel: batch }));
}

async function takeTurn(run: HostsRun, turn: Turn, target: HostTarget): Promise<void> {
  const { record, input } = run;
  const { address } = target.change;
  const obstacle = obstacleTo(run, turn);
  if (obstacle !== undefined) return record.settle(address, { outcome: "skipped", error: obstacle });
  const begin = performance.now();
  const outcome = await changeHost(run, turn, target);
  record.settle(address, outcome, Math.round(performance.now() - begin));
  // What is not begun will not be: its copy is of no use.
  if ((outcome.outcome === "undone" || outcome.outcome === "failed") && input.options?.keepGoing !== true)
    input.copies.stop();
}

/** A host that does not get its system, or is locked by somebody else, is not begun. */
async function changeHost(run: HostsRun, turn: Turn, target: HostTarget): Promise<Outcome> {
  try {
    await run.input.copies.of(target.change.address);
    const obstacle = obstacleTo(run, turn);
    return obstacle === undefined ? await switchHost(run, target) : { outcome: "skipped", error: obstacle };
  } catch (error) {
    // A copy that was ended because another host failed is told as that.
    const obstacle = error instanceof CancelledError ? obstacleTo(run, turn) : undefined;
    return { outcome: "skipped", ...(obstacle === undefined ? reasonOf(error) : { error: obstacle }) };
  }
}

/** Why a host is not even begun. */
function obstacleTo({ context, record, input }: HostsRun, { needs }: Turn): string | undefined {
  if (context.signal.aborted) return "Stopped before it was its turn";
  const bad = record.report().changes.filter(({ outcome }) => outcome !== undefined && outcome !== "done");
  const needed = bad.find(({ name }) => needs.includes(name));
  if (needed !== undefined)
    return `"${needed.name}", which it depends on, ${needed.outcome === "skipped" ? "was not switched" : "failed before"}`;
  const canary = input.options?.canary === true ? turnsOf(input)[0]?.address : undefined;
  if (bad.some(({ name }) => name === canary)) return `"${canary}", which went first, failed`;
  const first = bad.find(({ outcome }) => outcome !== "skipped");
  if (input.options?.keepGoing !== true && first !== undefined)
    return `"${first.name}" failed before, and nothing more was to be begun after that`;
  return undefined;
}

function hasFailed({ record }: HostsRun): boolean {
  return record.report().changes.some(({ outcome }) => outcome !== undefined && outcome !== "done");
}

/** Those that are done go back too, all at once. */
async function revertOthers(run: HostsRun): Promise<void> {
  const { record, input, confirmed } = run;
  const failed = record.report().changes.find(({ outcome }) => outcome !== undefined && outcome !== "done");
  const reason = new FloeError(`"${failed?.name}" failed, and all were to go back then`);
  const isDone = ({ change }: { readonly change: HostChange }): boolean => record.outcomeOf(change.address) === "done";
  await Promise.all(
    input.targets.filter(isDone).map(async (target) => {
      const id = confirmed.get(target.change.address);
      if (id === undefined) return;
      const begin = performance.now();
      const outcome = await goBack(run, target, id, reason);
      record.settle(target.change.address, outcome, Math.round(performance.now() - begin));
    }),
  );
}
