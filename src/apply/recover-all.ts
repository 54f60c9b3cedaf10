import type { InstanceChange } from "../model/plan.ts";
import { done, reasonOf } from "./context.ts";
import { recoverInstance, recoveryHint } from "./recover.ts";
import { instanceChanges, planAgain, type Run, targetOf } from "./run.ts";

/**
 * First of all, what an interrupted apply left: what ran before it runs again before anything else is tried. Then the world
 * is another one, and the rest of the plan is made anew.
 */
export async function recoverAll(run: Run): Promise<void> {
  const { context, record, input } = run;
  const broken = instanceChanges(run.plan).filter(({ method }) => method === "recover");
  if (broken.length === 0 || context.signal.aborted) return;
  record.emit({ type: "phase.start", phase: "recover", count: broken.length });
  for (const change of broken) await recoverOne(run, change);
  const whole = broken.filter(({ address }) => record.outcomeOf(address) === undefined);
  record.emit({ type: "phase.end", phase: "recover", ok: whole.length === broken.length });
  run.plan = await planAgain(input);
  for (const change of whole) settleWhole(run, change);
  record.replan(run.plan);
}

// --- internal ---

async function recoverOne({ context, record, input }: Run, change: InstanceChange): Promise<void> {
  const target = targetOf(input, change);
  try {
    await recoverInstance(context, target);
  } catch (error) {
    const hint = await recoveryHint(context, target);
    record.settle(change.address, { outcome: "failed", ...reasonOf(error), hint });
  }
}

/** Done, if nothing more is to be done to it; undone, if what is to be done cannot be planned any more. */
function settleWhole({ plan, record }: Run, { address, name, container }: InstanceChange): void {
  const next = instanceChanges(plan).find((change) => change.address === address);
  if (next?.action === "none") record.settle(address, done);
  if (next !== undefined) return;
  const problem = plan.problems.find(
    ({ subject }) => subject === `instance ${name}` || subject === `container ${container}`,
  );
  record.settle(address, {
    outcome: "undone",
    error: problem?.message ?? "It cannot be planned any more",
    ...(problem?.hint === undefined ? {} : { hint: problem.hint }),
  });
}
