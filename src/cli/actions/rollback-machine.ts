/** Back to an earlier generation of a host or a home. */
import { hostname, userInfo } from "node:os";
import { FloeError } from "../../errors.ts";
import type { Fleet, Home, Host } from "../../model/fleet.ts";
import type { HostPlan } from "../../model/host-plan.ts";
import {
  type AskPassword,
  type HomePlan,
  planHomeRollback,
  planHostRollback,
  rollBackHost,
  switchHomes,
} from "../../pipeline.ts";
import type { ApplyReport } from "../../report/reduce.ts";
import { defined } from "../../util/defined.ts";
import { passwordQuestions } from "../ask-password.ts";
import { type TextOptions, textOptions, writeResult } from "../output.ts";
import { renderError } from "../render/error.ts";
import { renderHomePlan } from "../render/home-plan.ts";
import { renderHostPlan } from "../render/host-plan.ts";
import { hostFailures, renderHostReport } from "../render/host-report.ts";
import { document, toJsonLine } from "../render/json.ts";
import type { Rollback } from "./rollback.ts";

export async function rollbackHost(rollback: Rollback, fleet: Fleet, host: Host): Promise<void> {
  const { cli, flags, lock, work, pause } = rollback;
  const { to, forceHost } = flags;
  const ask = passwordQuestions(cli);
  const askPassword: AskPassword = (question) => rollback.hold(() => ask(question));
  const options = { ...defined({ to }), forceHost, askPassword };
  const planned = await planHostRollback(fleet, host, options, work);
  try {
    const { plan, generation } = planned;
    pause();
    show(rollback, plan, generation.number, (text) => renderHostPlan(plan, text));
    requireSound(plan);
    if (!(await rollback.agrees(host.name))) return;
    const by = `${userInfo().username}@${hostname().split(".")[0]}`;
    const report = await rollBackHost(fleet, host, planned, { lock, by }, work);
    pause();
    finishMachine(rollback, report);
  } finally {
    await planned.close();
  }
}

export async function rollbackHome(rollback: Rollback, fleet: Fleet, home: Home): Promise<void> {
  const { flags, lock, work, pause } = rollback;
  const planned = await planHomeRollback(fleet, home, flags.to, work);
  try {
    const { plan, number, machines } = planned;
    pause();
    show(rollback, plan, number, (text) => renderHomePlan(plan, text));
    if (!(await rollback.agrees(home.name))) return;
    const report = await switchHomes(fleet, { plan, machines, lock, verb: "rollback", areThere: true }, work);
    pause();
    finishMachine(rollback, report);
  } finally {
    await planned.close();
  }
}

// --- internal ---

function show(
  { cli, flags }: Rollback,
  plan: HostPlan | HomePlan,
  generation: number,
  render: (options: TextOptions) => string,
): void {
  if (flags.json) cli.process.stdout.write(toJsonLine(document("plan", { plan, generation })));
  else cli.process.stderr.write(`Back to generation ${generation}:\n\n${render(textOptions(cli, flags, "stderr"))}\n`);
}

function finishMachine({ cli, flags }: Rollback, report: ApplyReport): void {
  for (const error of hostFailures(report))
    cli.process.stderr.write(`${renderError(error, textOptions(cli, flags, "stderr"))}\n`);
  writeResult(cli, flags, "rollback", { report }, (text) => renderHostReport(report, text));
  const { done, undone, failed } = report.counts;
  // Refused before anything was changed, as while somebody else is at it.
  cli.exitCode = report.exitCode !== 0 && done + undone + failed === 0 ? 1 : report.exitCode;
}

/** @throws FloeError for a plan with problems: they were shown */
function requireSound({ problems }: HostPlan): void {
  const [first] = problems;
  if (first !== undefined) throw new FloeError(first.message, { hint: first.hint });
}
