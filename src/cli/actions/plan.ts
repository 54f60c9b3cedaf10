import { resolve } from "node:path";
import { hasChanges, type Plan } from "../../model/plan.ts";
import { currentHolder, plan as makePlan, prepareConnected } from "../../pipeline.ts";
import type { Emit } from "../../report/events.ts";
import type { Cli } from "../context.ts";
import { type DriftFlags, driftOf } from "../drift.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { savePlan } from "../plan-file.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderPlan } from "../render/plan.ts";
import { scopeOf } from "../scope.ts";
import { sayWritten } from "../written.ts";

export interface PlanFlags extends GlobalFlags, DriftFlags {
  readonly out?: string;
  readonly exitCode: boolean;
}

export async function plan(this: Cli, flags: PlanFlags, ...selectors: string[]): Promise<void> {
  const project = openProject(this, flags);
  const made = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const { fleet, written, evaluation, connections, remember } = await prepareConnected(project, work);
    try {
      const scope = { ...scopeOf(fleet, selectors, false), drift: driftOf(flags) };
      sayHolder(project.root, emit);
      if (written !== undefined) sayWritten(written, project.root, emit);
      const planned = await makePlan(fleet, scope, connections, work, evaluation);
      await remember();
      return planned.plan;
    } finally {
      await connections.close();
    }
  });
  writeResult(this, flags, "plan", { plan: made }, (options) => renderPlan(made, options));
  if (flags.out !== undefined) {
    savePlan(resolve(this.cwd, flags.out), made);
    if (!flags.json)
      this.process.stderr.write(
        `Saved: floe apply ${/[./]/.test(flags.out) ? flags.out : `./${flags.out}`} does exactly this\n`,
      );
  }
  this.exitCode = exitCodeOf(made, flags);
}

/** A plan does not wait for an apply, but what it sees is half done. */
function sayHolder(root: string, emit: Emit): void {
  const holder = currentHolder(root);
  if (holder !== undefined)
    emit({
      type: "message",
      level: "warning",
      text: `Another floe is at work here (${holder.verb}, process ${holder.pid}): what it has begun looks half done in this plan`,
    });
}

/** A problem outweighs changes: part of the fleet could not even be looked at. */
function exitCodeOf(made: Plan, flags: PlanFlags): number {
  if (made.problems.length > 0) return 1;
  return flags.exitCode && hasChanges(made) ? 3 : 0;
}
