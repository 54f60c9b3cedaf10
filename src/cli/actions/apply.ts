import { resolve } from "node:path";
import { FloeError, PlanStaleError, UsageError } from "../../errors.ts";
import { type Fleet, instancesOf } from "../../model/fleet.ts";
import { hasChanges, isOfServer, type Plan } from "../../model/plan.ts";
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
import { type ApplyReport, startReport } from "../../report/reduce.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import { type DriftFlags, driftOf } from "../drift.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions } from "../output.ts";
import { isPlanFile, readPlan } from "../plan-file.ts";
import { type Progress, withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { document, toJsonLine } from "../render/json.ts";
import { renderPlan } from "../render/plan.ts";
import { finish } from "../report-apply.ts";
import { scopeOf } from "../scope.ts";
import { beginUnattended } from "../unattended.ts";
import type { UnattendedFlags } from "../unattended-flags.ts";
import { sayWritten } from "../written.ts";

export interface ApplyFlags extends GlobalFlags, DriftFlags, UnattendedFlags {
  readonly partial: boolean;
  readonly prune: boolean;
  readonly canary: boolean;
  readonly maxParallel?: number;
  readonly failFast: boolean;
}

export async function apply(this: Cli, flags: ApplyFlags, ...words: string[]): Promise<void> {
  const saved = savedPlan(this, flags, words);
  const drift = driftOf(flags, saved);
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
          saved === undefined
            ? { ...scopeOf(fleet, words, flags.prune), canary: flags.canary, drift }
            : { selection: saved.selection, prune: saved.prune, canary: saved.canary === true || flags.canary, drift };
        sayWritten(await writeFlake(fleet, work), project.root, progress.emit);
        const unattended = await beginUnattended(flags, fleet, work);
        const connections = openConnections(fleet, this.signal);
        let plan: Plan | undefined;
        try {
          const planned = await makePlan(fleet, await unattended.narrow(scope, connections), connections, work);
          plan = planned.plan;
          if (saved !== undefined && isStale(saved, planned.plan))
            throw new PlanStaleError("The world or the project has changed since the plan was made", {
              hint: "Make a new plan and look at it: floe plan",
            });
          const report = await carryOut(this, flags, { fleet, planned, connections, lock, progress });
          await unattended.end({ plan, report });
        } catch (error) {
          await unattended.end({ error, ...(plan === undefined ? {} : { plan }) });
          throw error;
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

/** Shows the plan, asks, does it, and tells what came of it; answers the report when something was to be done and was begun. */
async function carryOut(
  cli: Cli,
  flags: ApplyFlags,
  { fleet, planned, connections, lock, progress }: Carried,
): Promise<ApplyReport | undefined> {
  const { plan } = planned;
  progress.pause();
  showPlan(cli, flags, plan);
  const instances = concerned(fleet, plan);
  if (!hasChanges(plan)) {
    closeUnfinished(fleet, lock);
    finish(cli, flags, "apply", startReport(plan), instances, { nothingToDo: true });
    cli.exitCode = plan.problems.length > 0 ? 1 : 0;
    return undefined;
  }
  refuseProblems(plan, flags);
  if (!(await confirm(cli, flags, "Apply this?"))) {
    cli.process.stderr.write("Nothing was changed\n");
    cli.exitCode = 130;
    return undefined;
  }
  const report = await applyPlan(
    fleet,
    {
      ...planned,
      clients: await connections.clients,
      lock,
      partial: isCarriedOut(plan, flags),
      failFast: flags.failFast,
      ...(flags.maxParallel === undefined ? {} : { maxParallel: flags.maxParallel }),
    },
    { emit: progress.emit, signal: cli.signal },
  );
  progress.pause();
  finish(cli, flags, "apply", report, instances);
  if (report.exitCode === 0 && plan.problems.length > 0) cli.exitCode = 1;
  return report;
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

/** A server that does not answer fails its own part only; any other problem has to be looked at first. */
function isCarriedOut(plan: Plan, flags: ApplyFlags): boolean {
  return flags.partial || plan.problems.every(isOfServer);
}

function refuseProblems(plan: Plan, flags: ApplyFlags): void {
  if (isCarriedOut(plan, flags)) return;
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
