/**
 * Carries out a plan:
 *
 *     check → recover → volumes → images → systems → profiles → instances → aliases → orphans → old images
 *
 * A container that fails does not stop the others; the instances of one image go one after the other, and the first
 * failure spares the rest of them.
 */
import { CancelledError, FloeError, PlanStaleError } from "../errors.ts";
import { isStale } from "../plan/plan.ts";
import type { ApplyReport } from "../report/reduce.ts";
import { changeInstances } from "./change-instances.ts";
import type { ApplyContext } from "./context.ts";
import { buildSystems } from "./in-place/build.ts";
import { makeImages } from "./make-images.ts";
import { commitProfiles, makeProfiles, putBackProfiles, recoverProfiles } from "./profiles.ts";
import { type Recorder, recorder } from "./recorder.ts";
import { recoverAll } from "./recover-all.ts";
import { type ApplyInput, instanceChanges, planAgain, type Run } from "./run.ts";
import { skipRest, tidyUp } from "./tidy-up.ts";
import { makeVolumes } from "./volumes.ts";

export type { ApplyInput, ApplyOptions } from "./run.ts";

/**
 * What came of each change is in the report, failures too; its exit code is 4 when something failed and was undone, 5 when
 * an undo failed.
 * @throws PlanStaleError when the world moved since the plan; FloeError when it has problems (see `partial`);
 * CancelledError when the signal aborted, with the report in its details: what was begun is undone by then
 */
export async function applyPlan(input: ApplyInput): Promise<ApplyReport> {
  const { plan, emit, journal } = input;
  const record = recorder(plan, emit, journal);
  const begin = performance.now();
  const ms = (): number => Math.round(performance.now() - begin);
  try {
    const run = await start(input, record);
    await recoverProfiles(run);
    await recoverAll(run);
    await makeVolumes(run);
    await makeImages(run);
    await buildSystems(run);
    await makeProfiles(run);
    await changeInstances(run);
    await commitProfiles(run);
    await tidyUp(run);
    if (input.signal.aborted && record.report().exitCode !== 0)
      throw new CancelledError("Stopped: what had begun is undone or done, the rest was not begun", {
        hint: 'Run "floe apply" again to go on',
      });
    return record.end(ms());
  } catch (error) {
    if (error instanceof CancelledError) skipRest(record);
    const exitCode = error instanceof FloeError ? error.exitCode : 1;
    const report = record.end(ms(), exitCode);
    if (error instanceof CancelledError)
      throw new CancelledError(error.message, { hint: error.hint, cause: error, details: { report } });
    throw error;
  }
}

// --- internal ---

async function start(input: ApplyInput, record: Recorder): Promise<Run> {
  const { plan, fleet, journal, signal } = input;
  const fresh = await planAgain(input);
  if (isStale(plan, fresh)) {
    throw new PlanStaleError("The world has changed since the plan was made", {
      hint: "Make a new plan and look at it: floe plan",
    });
  }
  if (plan.problems.length > 0 && input.options?.partial !== true) {
    const [first] = plan.problems;
    throw new FloeError(`The plan has problems: ${first?.subject}: ${first?.message}`, {
      hint: first?.hint,
      details: { problems: plan.problems },
    });
  }
  const undoFirst = (address: string): Promise<void> =>
    putBackProfiles(
      run,
      instanceChanges(run.plan).find((change) => change.address === address),
    );
  const context: ApplyContext = { fleet: fleet.name, journal, signal, emit: record.emit, undoFirst };
  const run: Run = { input, context, record, plan: fresh, fingerprints: new Map(), profiles: new Map() };
  return run;
}
