/** `floe switch me@laptop`: homes of home-manager that belong to no host. */
import { FloeError, UsageError } from "../../errors.ts";
import type { Fleet, Home } from "../../model/fleet.ts";
import type { ActivationAction } from "../../model/host-plan.ts";
import {
  acquireLock,
  buildHomes,
  evaluate,
  type HomePlan,
  load,
  openHomes,
  planHomes,
  pushBuilt,
  switchHomes as switchThem,
  type Work,
  writeFlake,
} from "../../pipeline.ts";
import { nearest } from "../../util/nearest.ts";
import { passwordQuestions } from "../ask-password.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { HostFlags } from "../host-flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError } from "../render/error.ts";
import { renderHomePlan } from "../render/home-plan.ts";
import { hostFailures, renderHostReport } from "../render/host-report.ts";
import { document, toJsonLine } from "../render/json.ts";
import { listed } from "../render/words.ts";
import { sayWritten } from "../written.ts";

/** @throws UsageError for what is not done to homes, and for names that are not there */
export async function switchHomes(
  cli: Cli,
  flags: HostFlags,
  action: ActivationAction,
  words: readonly string[],
): Promise<void> {
  if (action === "boot" || action === "test")
    throw new UsageError(`A home is not there to ${action}: it is not booted`, {
      hint: `floe switch ${words.join(" ")}`,
    });
  const project = openProject(cli, flags);
  const lock = acquireLock(project.root, action);
  try {
    await withProgress(
      cli,
      flags,
      async (progress) => {
        const work = { emit: progress.emit, signal: cli.signal };
        const fleet = await load(project, work);
        const homes = chosenHomes(fleet, words);
        sayWritten(await writeFlake(fleet, work), project.root, progress.emit);
        const ask = passwordQuestions(cli);
        const open = await openHomes(fleet, homes, (question) => progress.hold(() => ask(question)));
        try {
          const plan = await planned(fleet, homes, open, work);
          progress.pause();
          if (!(await isWanted(cli, flags, action, plan))) return;
          const isDry = action === "dry-activate";
          const { backup, maxParallel } = flags;
          const options = { isDry, ...(backup && { backup }), ...(maxParallel && { maxParallel }) };
          const report = await switchThem(fleet, { plan, machines: open.machines, lock, verb: action, options }, work);
          progress.pause();
          for (const error of hostFailures(report))
            cli.process.stderr.write(`${renderError(error, textOptions(cli, flags, "stderr"))}\n`);
          writeResult(cli, flags, action, { report, problems: plan.problems }, (text) =>
            renderHostReport(report, text),
          );
          cli.exitCode = exitCodeOf(report, plan);
        } finally {
          await open.close();
        }
      },
      { streamJson: true },
    );
  } finally {
    lock.release();
  }
}

// --- internal ---

function chosenHomes(fleet: Fleet, words: readonly string[]): Home[] {
  const homes = fleet.homes ?? {};
  const names = words.map((word) => word.replace(/^home:/, ""));
  for (const name of names) {
    if (Object.hasOwn(homes, name)) continue;
    const near = nearest(name, Object.keys(homes));
    throw new UsageError(`There is no home named "${name}"`, {
      hint: near === undefined ? `Homes: ${listed(Object.keys(homes)) || "none"}` : `Did you mean ${near}?`,
    });
  }
  return [...new Set(names)].map((name) => homes[name] as Home);
}

/** evaluate → build → plan. What fails is among the plan's problems. */
async function planned(
  fleet: Fleet,
  homes: readonly Home[],
  open: Awaited<ReturnType<typeof openHomes>>,
  work: Work,
): Promise<HomePlan> {
  const names = { hosts: [], containers: [], shells: [], homes: homes.map(({ name }) => name) };
  const built = await buildHomes(fleet, await evaluate(fleet, names, work), work);
  const paths = [...built.values()].flatMap((path) => (path instanceof FloeError ? [] : [path]));
  await pushBuilt(fleet, paths, work);
  return planHomes(fleet, open, built, work);
}

/** Shows the plan and asks. @throws FloeError when no home can be switched */
async function isWanted(cli: Cli, flags: HostFlags, action: ActivationAction, plan: HomePlan): Promise<boolean> {
  const busy = plan.changes.filter(({ action: what }) => what !== "none");
  if (flags.json) cli.process.stdout.write(toJsonLine(document("home-plan", { plan })));
  else if (busy.length > 0) cli.process.stderr.write(`${renderHomePlan(plan, textOptions(cli, flags, "stderr"))}\n`);
  else cli.process.stdout.write(renderHomePlan(plan, textOptions(cli, flags)));
  if (plan.problems.length > 0 && (flags.failFast || busy.length === 0))
    throw new FloeError("Nothing was changed", {
      hint: "Mend what is listed above",
      details: { problems: plan.problems },
    });
  if (busy.length === 0) return false;
  const names = listed(busy.map(({ name }) => name));
  if (action === "dry-activate" || (await confirm(cli, flags, `Switch ${names}?`))) return true;
  cli.process.stderr.write("Nothing was changed\n");
  cli.exitCode = 130;
  return false;
}

/** As for hosts: 1 when nothing was changed. */
function exitCodeOf({ exitCode, counts }: Awaited<ReturnType<typeof switchThem>>, { problems }: HomePlan): number {
  if (exitCode === 0) return problems.length > 0 ? 1 : 0;
  return counts.done + counts.undone + counts.failed === 0 ? 1 : exitCode;
}
