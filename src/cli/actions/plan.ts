import { resolve } from "node:path";
import type { Fleet, Host } from "../../model/fleet.ts";
import type { HostPlan } from "../../model/host-plan.ts";
import { hasChanges, type Plan } from "../../model/plan.ts";
import { thisHost } from "../../pipeline/open-hosts.ts";
import { currentHolder, plan as makePlan } from "../../pipeline/plan.ts";
import { type Prepared, prepareConnected } from "../../pipeline/prepare.ts";
import type { Work } from "../../pipeline/work.ts";
import type { Emit } from "../../report/events.ts";
import type { Cli } from "../context.ts";
import { type DriftFlags, driftOf } from "../drift.ts";
import type { GlobalFlags } from "../flags.ts";
import { type TextOptions, writeResult } from "../output.ts";
import { savePlan } from "../plan-file.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderPlan } from "../render/plan.ts";
import { hasInstances, scopeOf } from "../scope.ts";
import { select } from "../selectors.ts";
import { sayWritten } from "../written.ts";

export interface PlanFlags extends GlobalFlags, DriftFlags {
  readonly out?: string;
  readonly exitCode: boolean;
  readonly noBuild: boolean;
}

/** Of the instances, of the hosts, or of both; at least one of them. */
interface Made {
  readonly plan?: Plan;
  readonly hosts?: HostPlan;
}

export async function plan(this: Cli, flags: PlanFlags, ...selectors: string[]): Promise<void> {
  const project = openProject(this, flags);
  const made = await withProgress(this, flags, async ({ emit }): Promise<Made> => {
    const work = { emit, signal: this.signal };
    const prepared = await prepareConnected(project, work);
    const { fleet, written, connections, remember } = prepared;
    try {
      const hosts = await hostsToPlan(fleet, selectors);
      sayHolder(project.root, emit);
      if (written !== undefined) sayWritten(written, project.root, emit);
      const isOfInstances = hosts.length === 0 || hasInstances(fleet, selectors);
      const plan = isOfInstances ? await planInstances(flags, selectors, prepared, work) : undefined;
      await remember();
      const hostPlan = hosts.length > 0 ? await planHosts(flags, fleet, hosts, work) : undefined;
      return { ...(plan && { plan }), ...(hostPlan && { hosts: hostPlan }) };
    } finally {
      await connections.close();
    }
  });
  const { renderHostPlan } = made.hosts === undefined ? {} : await import("../render/host-plan.ts");
  const render = (options: TextOptions): string =>
    [
      ...(made.plan === undefined ? [] : [renderPlan(made.plan, options)]),
      ...(made.hosts === undefined || renderHostPlan === undefined ? [] : [renderHostPlan(made.hosts, options)]),
    ].join("\n");
  writeResult(this, flags, "plan", made, render);
  if (flags.out !== undefined && made.plan !== undefined) save(this, flags, flags.out, made.plan);
  this.exitCode = exitCodeOf(made, flags);
}

// --- internal ---

async function planInstances(
  flags: PlanFlags,
  selectors: readonly string[],
  { fleet, connections, evaluation }: Prepared & Pick<Awaited<ReturnType<typeof prepareConnected>>, "connections">,
  work: Work,
): Promise<Plan> {
  const scope = { ...scopeOf(fleet, selectors, false), drift: driftOf(flags) };
  return (await makePlan(fleet, scope, connections, work, evaluation)).plan;
}

async function planHosts(flags: PlanFlags, fleet: Fleet, hosts: readonly Host[], work: Work): Promise<HostPlan> {
  const { planFleetHosts } = await import("../plan-hosts.ts");
  return planFleetHosts(fleet, hosts, { build: !flags.noBuild, showTrace: flags.showTrace }, work);
}

/** Those that are chosen; without selectors those that can be reached from here. */
async function hostsToPlan(fleet: Fleet, selectors: readonly string[]): Promise<Host[]> {
  const all = Object.values(fleet.hosts);
  if (selectors.length > 0) {
    const { hosts } = select(fleet, selectors);
    return all.filter(({ name }) => hosts.has(name));
  }
  if (all.length === 0) return [];
  const here = await thisHost();
  return all.filter(({ name, target }) => target !== undefined || name === here);
}

function save(cli: Cli, flags: PlanFlags, out: string, plan: Plan): void {
  savePlan(resolve(cli.cwd, out), plan);
  if (!flags.json)
    cli.process.stderr.write(`Saved: floe apply ${/[./]/.test(out) ? out : `./${out}`} does exactly this\n`);
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
function exitCodeOf({ plan, hosts }: Made, flags: PlanFlags): number {
  if ((plan?.problems.length ?? 0) + (hosts?.problems.length ?? 0) > 0) return 1;
  const isChange = (plan !== undefined && hasChanges(plan)) || hosts?.changes.some(({ action }) => action !== "none");
  return flags.exitCode && isChange === true ? 3 : 0;
}
