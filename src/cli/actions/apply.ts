import { resolve } from "node:path";
import { FloeError, PlanStaleError, UsageError } from "../../errors.ts";
import { type Fleet, instancesOf } from "../../model/fleet.ts";
import { hasChanges, type Plan } from "../../model/plan.ts";
import {
  acquireLock,
  apply as applyPlan,
  type Connections,
  closeUnfinished,
  isStale,
  type Lock,
  load,
  plan as makePlan,
  openConnections,
  type Planned,
  writeFlake,
} from "../../pipeline.ts";
import { startReport } from "../../report/reduce.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions } from "../output.ts";
import { isPlanFile, readPlan } from "../plan-file.ts";
import { type Progress, withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { document, toJsonLine } from "../render/json.ts";
import { renderPlan } from "../render/plan.ts";
import { finish } from "../report-apply.ts";
import { scopeOf } from "../scope.ts";
import { sayWritten } from "../written.ts";

export interface ApplyFlags extends GlobalFlags {
  readonly partial: boolean;
  readonly prune: boolean;
}

export async function apply(this: Cli, flags: ApplyFlags, ...words: string[]): Promise<void> {
  const saved = savedPlan(this, flags, words);
  const project = openProject(this, flags);
  // Held from the first look at the world to the last change of it.
  const lock = acquireLock(project.root, "apply");
  try {
    await withProgress(
      this,
      flags,
      async (progress) => {
        const work = { emit: progress.emit, signal: this.signal };
        const fleet = await load(project, work);
        const scope =
          saved === undefined ? scopeOf(fleet, words, flags.prune) : { selection: saved.selection, prune: saved.prune };
        sayWritten(await writeFlake(fleet, work), project.root, progress.emit);
        const connections = openConnections(fleet, this.signal);
        try {
          const planned = await makePlan(fleet, scope, connections, work);
          if (saved !== undefined && isStale(saved, planned.plan))
            throw new PlanStaleError("The world or the project has changed since the plan was made", {
              hint: "Make a new plan and look at it: floe plan",
            });
          await carryOut(this, flags, { fleet, planned, connections, lock, progress });
        } finally {
          await connections.close();
        }
      },
      { streamJson: true },
    );
  } finally {
    lock.release();
  }
}

// --- internal ---

interface Carried {
  readonly fleet: Fleet;
  readonly planned: Planned;
  readonly connections: Connections;
  readonly lock: Lock;
  readonly progress: Progress;
}

/** Shows the plan, asks, does it, and tells what came of it. */
async function carryOut(
  cli: Cli,
  flags: ApplyFlags,
  { fleet, planned, connections, lock, progress }: Carried,
): Promise<void> {
  const { plan } = planned;
  progress.pause();
  showPlan(cli, flags, plan);
  const instances = concerned(fleet, plan);
  if (!hasChanges(plan)) {
    closeUnfinished(fleet, lock);
    finish(cli, flags, "apply", startReport(plan), instances, { nothingToDo: true });
    cli.exitCode = plan.problems.length > 0 ? 1 : 0;
    return;
  }
  refuseProblems(plan, flags);
  if (!(await confirm(cli, flags, "Apply this?"))) {
    cli.process.stderr.write("Nothing was changed\n");
    cli.exitCode = 130;
    return;
  }
  const report = await applyPlan(
    fleet,
    { ...planned, clients: await connections.clients, lock, partial: flags.partial },
    { emit: progress.emit, signal: cli.signal },
  );
  progress.pause();
  finish(cli, flags, "apply", report, instances);
  if (report.exitCode === 0 && plan.problems.length > 0) cli.exitCode = 1;
}

/** A saved plan, when the only argument is the name of a file. */
function savedPlan(cli: Cli, flags: ApplyFlags, words: readonly string[]): Plan | undefined {
  const [file] = words.filter(isPlanFile);
  if (file === undefined) return undefined;
  if (words.length > 1)
    throw new UsageError(`A saved plan ("${file}") takes no selectors beside it`, {
      hint: "Selectors belong to floe plan -o",
    });
  if (flags.prune)
    throw new UsageError("A saved plan has decided already whether to prune", {
      hint: "Make a new one: floe apply --prune",
    });
  return readPlan(resolve(cli.cwd, file));
}

/** A plan to ask about is part of the conversation and goes to stderr; one with nothing to do is the result. */
function showPlan(cli: Cli, flags: ApplyFlags, plan: Plan): void {
  if (flags.json) cli.process.stdout.write(toJsonLine(document("plan", { plan })));
  else if (!hasChanges(plan)) cli.process.stdout.write(renderPlan(plan, textOptions(cli, flags)));
  else cli.process.stderr.write(`${renderPlan(plan, textOptions(cli, flags, "stderr"))}\n`);
}

function refuseProblems(plan: Plan, flags: ApplyFlags): void {
  if (plan.problems.length === 0 || flags.partial) return;
  throw new FloeError("Part of the fleet cannot be planned, so nothing was changed", {
    hint: "Mend what is listed above; or --partial carries out the rest, or name what to apply",
    details: { problems: plan.problems.length > 1 ? [] : plan.problems },
  });
}

/** Instances the plan is about, whether they change or not. */
function concerned(fleet: Fleet, plan: Plan): ReturnType<typeof instancesOf> {
  const addresses = new Set(plan.changes.map(({ address }) => address));
  return instancesOf(fleet).filter(({ server, project, name }) => addresses.has(`${server}/${project}/${name}`));
}
