/** What the verbs for hosts begin with: hosts that are chosen, connected, built and planned. What fails is among the plan's problems. */
import { FloeError, UsageError } from "../errors.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import type { ActivationAction, HostPlan } from "../model/host-plan.ts";
import type { Problem } from "../model/plan.ts";
import {
  type BuiltHost,
  type ByHost,
  buildHosts,
  copyAhead,
  evaluate,
  guardHosts,
  hostProblems,
  load,
  type ObservedHost,
  type OpenHosts,
  observeHosts,
  openCopies,
  openHosts,
  planHosts,
  pushBuilt,
  rememberHosts,
  settleUnfinished,
  systemAt,
  unchangedHosts,
  type Work,
  writeFlake,
} from "../pipeline.ts";
import { passwordQuestions } from "./ask-password.ts";
import type { Cli } from "./context.ts";
import type { HostFlags } from "./host-flags.ts";
import { chosenHosts } from "./hosts.ts";
import { evaluationProblems } from "./problems.ts";
import type { Progress } from "./progress.ts";
import { openProject } from "./project.ts";
import { sayWritten } from "./written.ts";

export interface HostRequest {
  readonly cli: Cli;
  readonly flags: HostFlags;
  readonly action: ActivationAction;
  readonly words: readonly string[];
  readonly progress: Progress;
}

/** Hosts that are connected. */
export interface HostSession extends HostRequest {
  readonly fleet: Fleet;
  readonly hosts: readonly Host[];
  readonly open: OpenHosts;
  readonly copies: Awaited<ReturnType<typeof openCopies>>;
  readonly work: Work;
}

export interface PlannedHosts extends HostSession {
  readonly plan: HostPlan;
  readonly built: ByHost<BuiltHost>;
}

/** load → connect. Passwords are asked for here. */
export async function withHosts(request: HostRequest, use: (session: HostSession) => Promise<void>): Promise<void> {
  const { cli, flags, words, progress } = request;
  const project = openProject(cli, flags);
  const work = { emit: progress.emit, signal: cli.signal };
  const fleet = await load(project, work);
  const hosts = await chosenHosts(fleet, words);
  if (flags.storePath !== undefined && hosts.length !== 1)
    throw new UsageError(`--store-path is for one host, and ${hosts.length} are chosen`);
  if (flags.storePath === undefined) sayWritten(await writeFlake(fleet, work), project.root, progress.emit);
  const ask = passwordQuestions(cli);
  const open = await openHosts(fleet, hosts, (question) => progress.hold(() => ask(question)), work);
  const copies = await openCopies(fleet, flags.maxParallel, work);
  try {
    await use({ ...request, fleet, hosts, open, copies, work });
  } finally {
    copies.stop();
    await open.close();
  }
}

/** evaluate and observe → guard → build → guard → plan. What fails is among the plan's problems. */
export async function planned(session: HostSession): Promise<PlannedHosts> {
  const { cli, flags, action, fleet, open, copies, work } = session;
  if (action !== "dry-activate") await settleUnfinished(fleet, open, work);
  const [evaluation, seen] = await Promise.all([evaluateReached(session), observeHosts(open, work)]);
  const observed = flags.forceHost ? seen : await guardHosts(fleet, open, seen);
  const isSound = (name: string): boolean => {
    const host = observed.get(name);
    return host !== undefined && !(host instanceof FloeError);
  };
  const systems = only(evaluation, isSound);
  const begin = (name: string): void => {
    const host = systems.hosts[name];
    // With --yes nobody is going to say no.
    if (flags.yes && action !== "dry-activate" && host?.ok)
      copyAhead(fleet, copies, { name, open, observed }, host.value.outPath);
  };
  // What runs as it should is not built again, unless its very path was given.
  const same = flags.storePath === undefined ? await unchangedHosts(systems, observed, action) : new Map();
  const changed = only(systems, (name) => !same.has(name));
  const built: ByHost<BuiltHost> = new Map([...same, ...(await builtSystems(session, changed, begin))]);
  const paths = [...built.values()].flatMap((one) => (one instanceof FloeError || one.isThere ? [] : [one.system]));
  await pushBuilt(fleet, paths, work);
  if (action === "dry-activate") await copyAll(session, { built, observed });
  const machinesRight = flags.forceHost ? observed : await guardHosts(fleet, open, observed, systemsOf(built));
  const { adopt, canary, reboot } = flags;
  const plan = await planHosts(
    fleet,
    { action, machines: open.machines, observed: machinesRight, built, adopt, canary, reboot },
    work,
  );
  await rememberHosts(fleet, unchanged(plan, machinesRight));
  const problems = [
    ...evaluationProblems(evaluation, flags),
    ...hostProblems(machinesRight),
    ...hostProblems(built),
    ...plan.problems,
  ];
  cli.signal.throwIfAborted();
  return { ...session, plan: { ...plan, problems: distinct(problems) }, built };
}

async function evaluateReached({ flags, fleet, open, work }: HostSession): Promise<Evaluation> {
  const names = [...open.machines].flatMap(([name, machine]) => (machine instanceof FloeError ? [] : [name]));
  if (flags.storePath !== undefined || names.length === 0) return { hosts: {}, images: {}, shells: {} };
  return evaluate(fleet, { hosts: names, containers: [], shells: [] }, work);
}

async function builtSystems(
  { cli, flags, fleet, hosts, open, work }: HostSession,
  evaluation: Evaluation,
  begin: (name: string) => void,
): Promise<ByHost<BuiltHost>> {
  const { storePath, buildOn } = flags;
  if (storePath === undefined)
    return buildHosts(fleet, evaluation, open, { ...(buildOn && { on: buildOn }), onBuilt: begin }, work);
  const system = await systemAt(fleet, resolvePath(cli, storePath), work);
  return new Map(hosts.map(({ name }) => [name, { system, isThere: false }]));
}

function resolvePath({ cwd }: Cli, path: string): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}

/** The machine's own word on its units takes that the new system is there. */
async function copyAll(
  { fleet, open, copies }: HostSession,
  { built, observed }: { readonly built: ByHost<BuiltHost>; readonly observed: ByHost<ObservedHost> },
): Promise<void> {
  for (const [name, one] of built)
    if (!(one instanceof FloeError) && !one.isThere) copyAhead(fleet, copies, { name, open, observed }, one.system);
  await Promise.allSettled([...built.keys()].map((name) => copies.of(`host:${name}`)));
}

/** Without the hosts that have a problem: a host that is no good holds up nothing but itself. */
export function soundPart(plan: HostPlan): HostPlan {
  const held = new Set(plan.problems.map(({ subject }) => subject));
  return { ...plan, changes: plan.changes.filter(({ name }) => !held.has(`host ${name}`)) };
}

// --- internal ---

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
