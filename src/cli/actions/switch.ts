import { FloeError, UsageError } from "../../errors.ts";
import { type ActivationAction, type HostPlan, hasHostChanges } from "../../model/host-plan.ts";
import { acquireLock, applyHosts, closeUnfinished, type Lock, soundPart, thisHost } from "../../pipeline.ts";
import { startReport } from "../../report/reduce.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { HostFlags } from "../host-flags.ts";
import { type PlannedHosts, planned, withHosts } from "../host-session.ts";
import { textOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError } from "../render/error.ts";
import { renderHostPlan } from "../render/host-plan.ts";
import { hostFailures, renderHostReport } from "../render/host-report.ts";
import { document, toJsonLine } from "../render/json.ts";

export async function switchHosts(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await change(this, flags, "switch", words);
}

export async function bootHosts(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await change(this, flags, "boot", words);
}

export async function testHosts(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await change(this, flags, "test", words);
}

/** Nothing is asked and nothing is locked: nothing is activated. */
export async function dryActivate(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await withProgress(
    this,
    flags,
    async (progress) => {
      await withHosts({ cli: this, flags, action: "dry-activate", words, progress }, async (session) => {
        const { plan, work, progress } = await planned(session);
        work.signal.throwIfAborted();
        progress.pause();
        writeResult(this, flags, "host-plan", { plan }, (options) => renderHostPlan(plan, options));
        this.exitCode = plan.problems.length > 0 ? 1 : 0;
      });
    },
    { streamJson: true },
  );
}

// --- internal ---

async function change(cli: Cli, flags: HostFlags, action: ActivationAction, words: readonly string[]): Promise<void> {
  refuseContradictions(flags, action);
  const project = openProject(cli, flags);
  // Held from the first look at the machines to the last change of them.
  const lock = acquireLock(project.root, action);
  try {
    await withProgress(
      cli,
      flags,
      (progress) =>
        withHosts({ cli, flags, action, words, progress }, async (session) => carryOut(await planned(session), lock)),
      { streamJson: true },
    );
  } finally {
    lock.release();
  }
}

function refuseContradictions(
  { keepGoing, failFast, revertAll, noRollback }: HostFlags,
  action: ActivationAction,
): void {
  if (keepGoing && failFast) throw new UsageError("--keep-going and --fail-fast exclude each other");
  if (revertAll && noRollback) throw new UsageError("--revert-all and --no-rollback exclude each other");
  if (noRollback && action === "boot")
    throw new UsageError("--no-rollback is for what runs, and boot changes nothing of that");
}

/** Shows the plan, asks, does it, and tells what came of it. */
async function carryOut(session: PlannedHosts, lock: Lock): Promise<void> {
  const { cli, flags, action, fleet, plan, open, built, copies, progress, work } = session;
  progress.pause();
  showPlan(session);
  const sound = soundPart(plan);
  refuseProblems(session, sound);
  if (!hasHostChanges(sound)) {
    closeUnfinished(fleet, lock);
    if (flags.json) writeResult(cli, flags, action, { report: startReport(sound), problems: plan.problems }, () => "");
    cli.exitCode = plan.problems.length > 0 ? 1 : 0;
    return;
  }
  if (!(await confirm(cli, flags, question(action, sound)))) {
    cli.process.stderr.write("Nothing was changed\n");
    cli.exitCode = 130;
    return;
  }
  const { maxParallel, canary, keepGoing, revertAll, noRollback, reboot } = flags;
  const options = { canary, keepGoing, revertAll, noRollback, reboot, ...(maxParallel && { maxParallel }) };
  const by = `${cli.env["USER"] ?? cli.env["LOGNAME"] ?? "root"}@${await thisHost()}`;
  const request = { plan: sound, machines: open.machines, built, copies, lock, by, options };
  const report = await applyHosts(fleet, request, work);
  progress.pause();
  for (const error of hostFailures(report))
    cli.process.stderr.write(`${renderError(error, textOptions(cli, flags, "stderr"))}\n`);
  writeResult(cli, flags, action, { report, problems: plan.problems }, (text) => renderHostReport(report, text));
  const { done, undone, failed } = report.counts;
  cli.exitCode =
    report.exitCode === 0 ? (plan.problems.length > 0 ? 1 : 0) : done + undone + failed === 0 ? 1 : report.exitCode;
}

/** A plan to ask about is part of the conversation and goes to stderr; one with nothing to do is the result. */
function showPlan({ cli, flags, plan }: PlannedHosts): void {
  if (flags.json) cli.process.stdout.write(toJsonLine(document("host-plan", { plan })));
  else if (hasHostChanges(soundPart(plan)) || plan.problems.length > 0)
    cli.process.stderr.write(`${renderHostPlan(plan, textOptions(cli, flags, "stderr"))}\n`);
  else cli.process.stdout.write(renderHostPlan(plan, textOptions(cli, flags)));
}

function refuseProblems({ flags, plan, hosts }: PlannedHosts, sound: HostPlan): void {
  if (plan.problems.length === 0 || (!flags.failFast && sound.changes.length > 0)) return;
  throw new FloeError(
    sound.changes.length === 0 && hosts.length > 1
      ? "None of the hosts can be switched; nothing was changed"
      : "Nothing was changed",
    { hint: "Mend what is listed above", details: { problems: plan.problems } },
  );
}

function question(action: ActivationAction, { changes }: HostPlan): string {
  const names = changes.filter((change) => change.action !== "none").map(({ name }) => name);
  const what = names.length > 3 ? `${names.length} hosts` : names.join(", ");
  if (changes.every((change) => change.action === "none" || change.isRebootOnly)) return `Reboot ${what}?`;
  if (action === "boot") return `Make this the next boot of ${what}?`;
  return action === "test" ? `Switch ${what} until the next boot?` : `Switch ${what}?`;
}
