/** settle → evaluate and observe → guard → build → plan: what a switch begins with, wherever it was asked for. */
import type { Copies } from "../apply/hosts/copies.ts";
import { FloeError } from "../errors.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { HostPlan } from "../model/host-plan.ts";
import type { Problem } from "../model/plan.ts";
import { evaluationProblems } from "../model/problems.ts";
import type { ObservedHost } from "../plan/hosts/observed.ts";
import { defined } from "../util/defined.ts";
import { copyAhead } from "./apply-hosts.ts";
import { type BuildHostsOptions, type BuiltHost, buildHosts, pushBuilt, systemAt } from "./build-hosts.ts";
import { hostProblems } from "./each-host.ts";
import { evaluate } from "./evaluate.ts";
import { guardHosts, observeHosts, rememberHosts, settleUnfinished } from "./observe-hosts.ts";
import type { ByHost, OpenHosts } from "./open-hosts.ts";
import { type PlanHostsRequest, planHosts, unchangedHosts } from "./plan-hosts.ts";
import type { Work } from "./work.ts";

export interface PrepareHostsRequest
  extends Pick<PlanHostsRequest, "action" | "adopt" | "canary" | "reboot">,
    Pick<BuildHostsOptions, "on"> {
  readonly copies: Copies;
  /** Nobody is going to say no: what is built is copied at once, while others are still being built. */
  readonly isCertain?: boolean;
  /** The machines are taken for the hosts whatever their names and ids say. */
  readonly isForced?: boolean;
  /** The path of a system in place of the fleet's. */
  readonly storePath?: string | undefined;
}

export interface PreparedHosts {
  readonly plan: HostPlan;
  readonly built: ByHost<BuiltHost>;
}

/** Of hosts that are connected. What fails is among the plan's problems. @throws CancelledError */
export async function prepareHosts(
  fleet: Fleet,
  open: OpenHosts,
  request: PrepareHostsRequest,
  work: Work,
): Promise<PreparedHosts> {
  const { action, adopt, canary, reboot = false, isForced = false } = request;
  if (action !== "dry-activate") await settleUnfinished(fleet, open, work);
  const [evaluation, seen] = await Promise.all([evaluateReached(fleet, open, request, work), observeHosts(open, work)]);
  const observed = isForced ? seen : await guardHosts(fleet, open, seen);
  const built = await buildSystems({ fleet, open, request, observed, work }, evaluation);
  if (action === "dry-activate") await copyAll({ fleet, open, request, observed, work }, built);
  const right = isForced ? observed : await guardHosts(fleet, open, observed, systemsOf(built));
  const { machines } = open;
  const plan = await planHosts(fleet, { action, machines, observed: right, built, adopt, canary, reboot }, work);
  await rememberHosts(fleet, unchanged(plan, right));
  const problems = [
    ...evaluationProblems(evaluation),
    ...hostProblems(right),
    ...hostProblems(built),
    ...plan.problems,
  ];
  work.signal.throwIfAborted();
  return { plan: { ...plan, problems: distinct(problems) }, built };
}

/** Without the hosts that have a problem: a host that is no good holds up nothing but itself. */
export function soundPart(plan: HostPlan): HostPlan {
  const held = new Set(plan.problems.map(({ subject }) => subject));
  return { ...plan, changes: plan.changes.filter(({ name }) => !held.has(`host ${name}`)) };
}

// --- internal ---

interface Preparation {
  readonly fleet: Fleet;
  readonly open: OpenHosts;
  readonly request: PrepareHostsRequest;
  readonly observed: ByHost<ObservedHost>;
  readonly work: Work;
}

async function evaluateReached(
  fleet: Fleet,
  { machines }: OpenHosts,
  { storePath }: PrepareHostsRequest,
  work: Work,
): Promise<Evaluation> {
  const names = [...machines].flatMap(([name, machine]) => (machine instanceof FloeError ? [] : [name]));
  if (storePath !== undefined || names.length === 0) return { hosts: {}, images: {}, shells: {} };
  return evaluate(fleet, { hosts: names, containers: [], shells: [] }, work);
}

/** What runs as it should is not built again, unless its very path was given. */
async function buildSystems(preparation: Preparation, evaluation: Evaluation): Promise<ByHost<BuiltHost>> {
  const { fleet, open, request, observed, work } = preparation;
  const { action, storePath, on } = request;
  const systems = only(evaluation, (name) => isSound(observed.get(name)));
  const same = storePath === undefined ? await unchangedHosts(systems, observed, action) : new Map();
  const changed = only(systems, (name) => !same.has(name));
  const onBuilt = (name: string): void => beginCopy(preparation, systems, name);
  const made =
    storePath === undefined
      ? await buildHosts(fleet, changed, open, { onBuilt, ...defined({ on }) }, work)
      : await givenSystem(preparation, storePath);
  const built: ByHost<BuiltHost> = new Map([...same, ...made]);
  const paths = [...built.values()].flatMap((one) => (one instanceof FloeError || one.isThere ? [] : [one.system]));
  await pushBuilt(fleet, paths, work);
  return built;
}

function beginCopy({ fleet, open, request, observed }: Preparation, { hosts }: Evaluation, name: string): void {
  const { action, copies, isCertain = false } = request;
  const host = hosts[name];
  if (isCertain && action !== "dry-activate" && host?.ok)
    copyAhead(fleet, copies, { name, open, observed }, host.value.outPath);
}

async function givenSystem({ fleet, open, work }: Preparation, storePath: string): Promise<ByHost<BuiltHost>> {
  const system = await systemAt(fleet, storePath, work);
  return new Map([...open.machines.keys()].map((name) => [name, { system, isThere: false }]));
}

/** The machine's own word on its units takes that the new system is there. */
async function copyAll({ fleet, open, request, observed }: Preparation, built: ByHost<BuiltHost>): Promise<void> {
  const { copies } = request;
  for (const [name, one] of built)
    if (!(one instanceof FloeError) && !one.isThere) copyAhead(fleet, copies, { name, open, observed }, one.system);
  await Promise.allSettled([...built.keys()].map((name) => copies.of(`host:${name}`)));
}

function isSound(host: ObservedHost | FloeError | undefined): boolean {
  return host !== undefined && !(host instanceof FloeError);
}

function only(evaluation: Evaluation, isWanted: (name: string) => boolean): Evaluation {
  return {
    ...evaluation,
    hosts: Object.fromEntries(Object.entries(evaluation.hosts).filter(([name]) => isWanted(name))),
  };
}

function systemsOf(built: ByHost<BuiltHost>): ReadonlyMap<string, string> {
  return new Map([...built].flatMap(([name, one]) => (one instanceof FloeError ? [] : [[name, one.system] as const])));
}

function unchanged<T>(plan: HostPlan, hosts: ByHost<T>): ByHost<T> {
  const same = new Set(soundPart(plan).changes.flatMap(({ name, action }) => (action === "none" ? [name] : [])));
  return new Map([...hosts].filter(([name]) => same.has(name)));
}

/** A host that was not reached fails at every step after that too. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.subject}\n${problem.message}`, problem])).values()];
}
