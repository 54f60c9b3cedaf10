/** What `apply` does beside applying when nobody looks: newer inputs before, a summary afterwards, and only what runs. */
import { FloeError, UsageError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { hasChanges, isOfServer, type Plan } from "../model/plan.ts";
import {
  type Connections,
  type PlanScope,
  runningInstances,
  summariseApply,
  tellSummary,
  type Updated,
  updateInputs,
  type Work,
} from "../pipeline.ts";
import type { ApplyReport } from "../report/reduce.ts";
import { nearest } from "../util/nearest.ts";
import type { UnattendedFlags } from "./unattended-flags.ts";

/** How an apply ended. */
export interface Ending {
  readonly plan?: Plan;
  /** Absent when nothing was carried out. */
  readonly report?: ApplyReport | undefined;
  readonly error?: unknown;
}

export interface Unattended {
  /** The part of a scope that the flags leave. */
  narrow(scope: PlanScope, connections: Connections): Promise<PlanScope>;
  /** Takes the new lock back if it led to nothing, and tells who wants to know. Never throws. */
  end(ending: Ending): Promise<void>;
}

/** Updates the inputs. @throws UsageError for a name that is no input, or one that is a folder of the project; NixError */
export async function beginUnattended(flags: UnattendedFlags, fleet: Fleet, work: Work): Promise<Unattended> {
  requireInputs(fleet, flags.updateInputs ?? []);
  if (flags.notify && (fleet.nightly?.notify ?? []).length === 0)
    throw new UsageError("--notify has nobody to tell", {
      hint: 'Name somebody in floe.config.ts: nightly: { notify: [{ ntfy: "https://ntfy.sh/TOPIC" }], ... }',
    });
  let updated: Updated | undefined;
  const end = async (ending: Ending): Promise<void> => {
    const isUseless = updated !== undefined && ledToNothing(ending);
    if (isUseless) updated?.restore();
    if (isUseless && (updated?.updates.length ?? 0) > 0) say(work, "flake.lock was put back as it was");
    if (flags.notify) await tell(fleet, ending, updated, isUseless, work);
  };
  try {
    updated = await update(flags, fleet, work);
  } catch (error) {
    await end({ error });
    throw error;
  }
  return {
    end,
    async narrow(scope, connections) {
      if (flags.instances === undefined) return scope;
      const running = await runningInstances(fleet, connections, work);
      const wanted = scope.selection;
      return { ...scope, selection: wanted === null ? running : running.filter((address) => wanted.includes(address)) };
    },
  };
}

// --- internal ---

function requireInputs(fleet: Fleet, names: readonly string[]): void {
  for (const name of names) {
    const input = fleet.inputs[name];
    if (input === undefined) {
      const near = nearest(name, Object.keys(fleet.inputs));
      throw new UsageError(`The fleet has no input "${name}"`, {
        hint: near === undefined ? `Inputs: ${Object.keys(fleet.inputs).join(", ")}` : `Did you mean ${near}?`,
      });
    }
    if (input.kind === "path")
      throw new UsageError(`The input "${name}" is a folder of the project: it is always as it is on disk`, {
        hint: "Leave it out of --update-inputs",
      });
  }
}

async function update(
  { updateInputs: names = [] }: UnattendedFlags,
  fleet: Fleet,
  work: Work,
): Promise<Updated | undefined> {
  const [first, ...others] = names;
  if (first === undefined) return undefined;
  const updated = await updateInputs(fleet, [first, ...others], work);
  const changed = updated.updates.map(({ input }) => input);
  say(work, changed.length === 0 ? "The inputs are up to date already" : `Newer: ${changed.join(", ")}`);
  return updated;
}

/** A lock that nothing was made with is no use to anybody, and in the way of the next apply by hand. */
function ledToNothing({ plan, report, error }: Ending): boolean {
  if (error !== undefined) return true;
  if (report !== undefined)
    return (
      report.exitCode !== 0 && !report.changes.some(({ kind, outcome }) => kind === "instance" && outcome === "done")
    );
  if (plan === undefined) return true;
  return hasChanges(plan) || plan.problems.some((problem) => !isOfServer(problem));
}

async function tell(
  fleet: Fleet,
  { plan, report, error }: Ending,
  updated: Updated | undefined,
  isLockRestored: boolean,
  work: Work,
): Promise<void> {
  const summary = await summariseApply({
    fleet: fleet.name,
    updates: updated?.updates ?? [],
    isLockRestored: isLockRestored && (updated?.updates.length ?? 0) > 0,
    ...(report === undefined ? {} : { report }),
    ...(plan === undefined ? {} : { problems: plan.problems }),
    ...(error === undefined ? {} : { error: wordsOf(error) }),
  });
  if (!summary.isNews) return;
  for (const failure of await tellSummary(fleet, summary))
    work.emit({ type: "message", level: "warning", text: failure });
}

function wordsOf(error: unknown): { readonly message: string; readonly hint?: string | undefined } {
  if (error instanceof FloeError) return { message: error.message, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error) };
}

function say({ emit }: Work, text: string): void {
  emit({ type: "message", level: "info", text });
}
