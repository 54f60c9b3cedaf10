/** What a plan would change, kept by instance; and a plan in the background, when the project or the world has changed while somebody looks. */
import { FloeError } from "../../errors.ts";
import type { Difference, InstanceChange, Plan, Problem } from "../../model/plan.ts";
import type { Planned } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";

export interface Pending {
  /** Undefined: not planned yet. */
  of(address: string): readonly Difference[] | undefined;
  problems(): readonly Problem[];
  plannedAt(): number | undefined;
  note(plan: Plan): void;
  /** The whole fleet could not be planned. */
  noteFailure(error: unknown): void;
}

export function openPending(): Pending {
  const differences = new Map<string, readonly Difference[]>();
  let problems: readonly Problem[] = [];
  let plannedAt: number | undefined;
  return {
    of: (address) => differences.get(address),
    problems: () => problems,
    plannedAt: () => plannedAt,
    note(plan) {
      if (plan.selection === null) {
        differences.clear();
        problems = plan.problems;
        plannedAt = Date.now();
      }
      for (const change of plan.changes)
        if (change.kind === "instance") differences.set(change.address, differencesOf(change));
    },
    noteFailure(error) {
      const { message } = error as Error;
      const hint = error instanceof FloeError ? error.hint : undefined;
      problems = [{ subject: "project", message, ...defined({ hint }) }];
      plannedAt = Date.now();
    },
  };
}

/** Plans soon after it was asked to, never twice at once, and not while `isHeld`. */
export function planInBackground({
  make,
  isHeld,
  onBegin,
  onEnd,
}: {
  make(): Promise<Planned>;
  isHeld(): boolean;
  onBegin(): void;
  onEnd(result: Planned | Error): void;
}): { request(): void; isRunning(): boolean } {
  let isScheduled = false;
  let isRunning = false;
  let isDue = false;
  const run = async (): Promise<void> => {
    isScheduled = false;
    if (!isDue || isRunning || isHeld()) return;
    isDue = false;
    isRunning = true;
    onBegin();
    const result = await make().catch((error: unknown) => error as Error);
    isRunning = false;
    onEnd(result);
    later();
  };
  const later = (): void => {
    if (!isDue || isRunning || isScheduled) return;
    isScheduled = true;
    setTimeout(run, settleMs).unref();
  };
  return {
    request() {
      isDue = true;
      later();
    },
    isRunning: () => isRunning,
  };
}

// --- internal ---

const settleMs = 200;

/** What is made or deleted differs in everything. */
function differencesOf({ action, differences }: InstanceChange): readonly Difference[] {
  if (action === "none") return [];
  return differences.length > 0 ? differences : [{ key: "update", note: action }];
}
