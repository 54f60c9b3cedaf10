/**
 * The same pipeline for hosts:
 *
 *     connect → observe → guard → build → plan → apply → report
 *
 * Part of "floe/pipeline". A host that fails at one of these steps is out, with the reason; the others go on.
 */
import { join } from "node:path";
import type { Copies } from "./apply/hosts/copies.ts";
import type { HostAction, HostsOptions, HostTarget } from "./apply/hosts/run.ts";
import { CancelledError, FloeError } from "./errors.ts";
import type { IncusClient } from "./incus/types.ts";
import type { AskPassword, Machine } from "./machine/machine.ts";
import type { OpenOptions } from "./machine/open.ts";
import type { Derivation, Evaluation } from "./model/evaluation.ts";
import type { Fleet, Host } from "./model/fleet.ts";
import type { ActivationAction, HostPlan } from "./model/host-plan.ts";
import type { Problem } from "./model/plan.ts";
import type { BuildOutcome } from "./nix/build.ts";
import { findNix } from "./nix/find.ts";
import type { Work } from "./pipeline.ts";
import type { ObservedHost } from "./plan/hosts/observed.ts";
import { connectServer } from "./remotes/connect-server.ts";
import type { FloeEvent } from "./report/events.ts";
import type { ApplyReport } from "./report/reduce.ts";
import { openJournal, readUnfinished } from "./state/journal.ts";
import type { Lock } from "./state/lock.ts";
import { defined } from "./util/defined.ts";
import { mapLimit } from "./util/map-limit.ts";

export type { HostAction, HostsOptions } from "./apply/hosts/run.ts";
export type { AskPassword } from "./machine/machine.ts";
export type { ObservedHost } from "./plan/hosts/observed.ts";

/** Hosts by name, as far as each has come. */
export type ByHost<T> = ReadonlyMap<string, T | FloeError>;

/** The name of this machine, as a host of the fleet has it. */
export async function thisHost(): Promise<string> {
  return (await import("./apply/hosts/open.ts")).thisHostName();
}

/** What opening a machine of the fleet takes: the nix that copies to it, and how a server is reached for one in an instance. */
export async function waysOf(
  fleet: Fleet,
  signal: AbortSignal,
): Promise<Required<Pick<OpenOptions, "nix" | "connectIncus">>> {
  const connectIncus = async (name: string, own = signal): Promise<IncusClient> => {
    const server = fleet.servers[name];
    if (server === undefined) throw new FloeError(`The fleet has no server "${name}"`);
    return connectServer(server, { signal: own });
  };
  return { nix: await nixOf(fleet), connectIncus };
}

/** Machines that are reached; the caller closes. */
export interface OpenHosts {
  readonly machines: ByHost<Machine>;
  close(): Promise<void>;
}

/**
 * connect: to all at once; passwords are asked for here, and nowhere later. `asRoot: false`, for those that only look: nothing is asked for, and
 * each machine is connected when it is observed. @throws CancelledError
 */
export async function openHosts(
  fleet: Fleet,
  hosts: readonly Host[],
  askPassword: AskPassword | undefined,
  work: Work,
  { asRoot = true }: { readonly asRoot?: boolean } = {},
): Promise<OpenHosts> {
  const [{ openHosts: open }, ways] = await Promise.all([import("./apply/hosts/open.ts"), waysOf(fleet, work.signal)]);
  const machines = await open(hosts, { ...ways, asRoot, ...(askPassword && { askPassword }), ...work });
  return {
    machines,
    async close() {
      await Promise.all([...machines.values()].map((machine) => machine instanceof FloeError || machine.close()));
    },
  };
}

/** Says what became of switches that an earlier floe began and did not see the end of, and takes back what still waits. @throws CancelledError */
export async function settleUnfinished(fleet: Fleet, { machines }: OpenHosts, work: Work): Promise<void> {
  const unfinished = readUnfinished(fleet.root);
  if (unfinished.length === 0) return;
  const { settleUnfinished: settle } = await import("./apply/hosts/unfinished.ts");
  await eachHost(machines, (machine) => settle(machine, { unfinished, ...work }));
}

/** observe: each machine with one question. @throws CancelledError */
export async function observeHosts({ machines }: OpenHosts, work: Work): Promise<ByHost<ObservedHost>> {
  const { observeHost } = await import("./plan/hosts/observe-host.ts");
  return inPhase("observe", work, () => eachHost(machines, (machine) => observeHost(machine, work.signal)));
}

/**
 * guard: takes those out that are other machines than they should be. Before the `systems` are built it is not known which host names they
 * set: then only another machine id counts.
 */
export async function guardHosts(
  fleet: Fleet,
  { machines }: OpenHosts,
  observed: ByHost<ObservedHost>,
  systems?: ReadonlyMap<string, string>,
): Promise<ByHost<ObservedHost>> {
  const [{ readKnownHost, wrongMachine }, { hostNameOf }] = await Promise.all([
    import("./apply/hosts/identity.ts"),
    import("./apply/hosts/host-name.ts"),
  ]);
  return eachHost(observed, async ({ identity, ...rest }, name) => {
    const machine = machines.get(name) as Machine;
    const configured = systems === undefined ? identity.hostName : hostNameOf(systems.get(name));
    const known = readKnownHost(fleet.root, name);
    const wrong = wrongMachine({ name, where: machine.where, identity, known, configured });
    if (wrong !== undefined) throw wrong;
    return { identity, ...rest };
  });
}

/** Where and how systems are built. */
export interface BuildHostsOptions {
  /** Against what each host says. */
  readonly on?: "here" | "target";
  /** Told as soon as a system is there, while others are still being built. */
  readonly onBuilt?: (name: string) => void;
}

/** A system that is in a store: this machine's, or that of the host. */
export interface BuiltHost extends Partial<Pick<Derivation, "drvPath">> {
  readonly system: string;
  readonly isThere: boolean;
}

/** build: here, with the fleet's builders; or on the machines. @throws CancelledError */
export async function buildHosts(
  fleet: Fleet,
  { hosts }: Evaluation,
  open: OpenHosts,
  { on, onBuilt }: BuildHostsOptions,
  work: Work,
): Promise<ByHost<BuiltHost>> {
  const derivations = Object.entries(hosts).flatMap(([name, host]) => (host.ok ? [{ name, ...host.value }] : []));
  const isThere = (name: string): boolean => (on ?? fleet.hosts[name]?.build) === "target";
  const here = derivations.filter(({ name }) => !isThere(name));
  const there = derivations.filter(({ name }) => isThere(name));
  const [builtHere, builtThere] = await Promise.all([
    buildHere(fleet, here, onBuilt, work),
    buildOnMachines(there, open, work),
  ]);
  return new Map([...builtHere, ...builtThere]);
}

/** `--store-path`: a system that is in this machine's store, or that its caches have. @throws FloeError when it is neither, or none */
export async function systemAt(fleet: Fleet, path: string, work: Work): Promise<string> {
  const [{ findSystem }, nix] = await Promise.all([import("./nix/given-system.ts"), nixOf(fleet)]);
  return findSystem(nix, path, work);
}

/** Copies what was built to the fleet's caches. What fails is told as a warning. @throws CancelledError */
export async function pushBuilt(fleet: Fleet, paths: readonly string[], work: Work): Promise<boolean> {
  const caches = fleet.pushTo ?? [];
  if (caches.length === 0 || paths.length === 0) return true;
  const { pushToCaches } = await import("./nix/push-cache.ts");
  const failures = await pushToCaches(caches, { nix: await nixOf(fleet), paths, ...work });
  for (const { message } of failures) work.emit({ type: "message", level: "warning", text: message });
  return failures.length === 0;
}

export interface PlanHostsRequest {
  readonly action: ActivationAction;
  readonly machines: ByHost<Machine>;
  readonly observed: ByHost<ObservedHost>;
  readonly built: ByHost<BuiltHost>;
  readonly adopt: boolean;
  readonly canary: boolean;
  /** What has its system already and waits for a reboot is rebooted. Default: false. */
  readonly reboot?: boolean;
  /** False for machines that were opened so: what becomes of units is then told from their files, not asked of the new system. Default: true. */
  readonly asRoot?: boolean;
}

/** plan: what would change on each machine, and why. @throws CancelledError */
export async function planHosts(fleet: Fleet, request: PlanHostsRequest, work: Work): Promise<HostPlan> {
  const { planHosts: plan } = await import("./plan/hosts/plan-hosts.ts");
  const hosts = [...request.built].flatMap(([name, built]) => {
    const { machine, observed } = { machine: request.machines.get(name), observed: request.observed.get(name) };
    const host = fleet.hosts[name];
    if (built instanceof FloeError || machine === undefined || machine instanceof FloeError) return [];
    if (host === undefined || observed === undefined || observed instanceof FloeError) return [];
    const { dependsOn, system: platform } = host;
    return [{ name, machine, observed, platform, system: built.system, drvPath: built.drvPath, dependsOn }];
  });
  const { action, adopt, canary, reboot = false, asRoot = true } = request;
  return plan(hosts, {
    fleet: fleet.name,
    root: fleet.root,
    nix: await nixOf(fleet),
    ...{ action, adopt, asRoot, reboot, signal: work.signal },
    rollout: { canary: canary || fleet.rollout?.canary === true, ...batchOf(fleet) },
  });
}

/** Hosts that run already what they should: nothing of them has to be built. */
export async function unchangedHosts(
  { hosts }: Evaluation,
  observed: ByHost<ObservedHost>,
  action: ActivationAction,
): Promise<ReadonlyMap<string, BuiltHost>> {
  const { isDone } = await import("./plan/hosts/plan-host.ts");
  return new Map(
    Object.entries(hosts).flatMap(([name, host]) => {
      const known = observed.get(name);
      if (!host.ok || known === undefined || known instanceof FloeError) return [];
      if (!isDone(action, host.value.outPath, known)) return [];
      return [[name, { system: host.value.outPath, drvPath: host.value.drvPath, isThere: true }] as const];
    }),
  );
}

/** Evaluations as `evaluate` of the pipeline makes them. */
export type EvaluateHosts = (names: readonly string[]) => Promise<Evaluation>;

/**
 * connect → observe → build → plan, and nothing else: nobody is asked for a password, nothing is copied, and what runs already as it should is not built.
 * Without `build` packages are compared by their derivations. What fails is among the plan's problems. @throws CancelledError
 */
export async function planOnly(
  fleet: Fleet,
  hosts: readonly Host[],
  { build, evaluateHosts }: { readonly build: boolean; readonly evaluateHosts: EvaluateHosts },
  work: Work,
): Promise<HostPlan> {
  const action = "switch";
  const open = await openHosts(fleet, hosts, undefined, work, { asRoot: false });
  try {
    const reached = [...open.machines].flatMap(([name, machine]) => (machine instanceof FloeError ? [] : [name]));
    const [evaluation, seen] = await Promise.all([evaluateHosts(reached), observeHosts(open, work)]);
    const observed = await guardHosts(fleet, open, seen);
    const unchanged = await unchangedHosts(evaluation, observed, action);
    const changed = Object.entries(evaluation.hosts).filter(
      ([name, host]) => host.ok && !unchanged.has(name) && !((observed.get(name) ?? nowhere) instanceof FloeError),
    );
    const isBuiltHere = (name: string): boolean => build && fleet.hosts[name]?.build !== "target";
    const toBuild = Object.fromEntries(changed.filter(([name]) => isBuiltHere(name)));
    const known = changed.flatMap(([name, host]) =>
      host.ok ? [[name, { system: host.value.outPath, drvPath: host.value.drvPath, isThere: false }] as const] : [],
    );
    const made = await buildHosts(fleet, { ...evaluation, hosts: toBuild }, open, { on: "here" }, work);
    const built = new Map<string, BuiltHost | FloeError>([...unchanged, ...known, ...made]);
    const plan = await planHosts(
      fleet,
      { action, machines: open.machines, observed, built, adopt: false, canary: false, asRoot: false },
      work,
    );
    return { ...plan, problems: [...hostProblems(observed), ...hostProblems(built), ...plan.problems] };
  } finally {
    await open.close();
  }
}

/** A pool of copies, which may begin before everything is built. */
export async function openCopies(fleet: Fleet, maxParallel: number | undefined, work: Work): Promise<Copies> {
  const [{ openCopies: open }, { defaultParallel }] = await Promise.all([
    import("./apply/hosts/copies.ts"),
    import("./apply/hosts/apply-hosts.ts"),
  ]);
  return open(maxParallel ?? fleet.rollout?.parallel ?? defaultParallel, work.emit, work.signal);
}

/** Begins the copy of a system that was built here, unless it is not sure that the machine is the right one. */
export function copyAhead(
  fleet: Fleet,
  copies: Copies,
  {
    name,
    open,
    observed,
  }: { readonly name: string; readonly open: OpenHosts; readonly observed: ByHost<ObservedHost> },
  system: string,
): void {
  const { machine, host } = { machine: open.machines.get(name), host: observed.get(name) };
  if (machine === undefined || machine instanceof FloeError || host === undefined || host instanceof FloeError) return;
  if (host.current === system || host.identity.hostName.split(".")[0] !== name) return;
  const substitute = fleet.hosts[name]?.substitute ?? true;
  copies.begin({ address: `host:${name}`, machine, paths: [system], substitute });
}

export interface ApplyHostsRequest extends Pick<PlanHostsRequest, "machines" | "built"> {
  readonly plan: HostPlan;
  readonly copies: Copies;
  readonly lock: Lock;
  readonly by: string;
  readonly options: HostsOptions;
}

/** apply, report: what came of each host is in the report, failures too. @throws CancelledError with the report in its details */
export async function applyHosts(
  fleet: Fleet,
  { plan, machines, built, lock, by, options, copies }: ApplyHostsRequest,
  work: Work,
): Promise<ApplyReport> {
  const [{ applyHosts: apply }, { revisionOf }] = await Promise.all([
    import("./apply/hosts/apply-hosts.ts"),
    import("./nix/revision.ts"),
  ]);
  const targets = plan.changes.flatMap((change): HostTarget[] => {
    const { host, machine } = { host: fleet.hosts[change.name], machine: machines.get(change.name) };
    if (change.action === "none" || host === undefined || machine === undefined || machine instanceof FloeError)
      return [];
    const system = built.get(change.name);
    return [{ host, machine, change, isThere: !(system instanceof FloeError) && system?.isThere === true }];
  });
  const revision = await revisionOf(fleet.root, work.signal);
  return apply({
    plan: plan as HostPlan & { readonly action: HostAction },
    targets,
    root: fleet.root,
    record: { fleet: fleet.name, by, ...defined({ revision }) },
    copies,
    journal: openJournal(lock, plan.action, fleet.name),
    options: {
      ...batchOf(fleet),
      ...options,
      canary: options.canary === true || fleet.rollout?.canary === true,
    },
    ...work,
  });
}

/** Notes what machines are known as that were found as they should be. */
export async function rememberHosts(fleet: Fleet, observed: ByHost<ObservedHost>): Promise<void> {
  const { rememberHost } = await import("./apply/hosts/identity.ts");
  for (const [name, host] of observed) if (!(host instanceof FloeError)) rememberHost(fleet.root, name, host.identity);
}

/** Hosts that came to nothing, as problems of a plan. */
export function hostProblems(hosts: ByHost<unknown>): Problem[] {
  return [...hosts].flatMap(([name, host]) =>
    host instanceof FloeError
      ? [{ subject: `host ${name}`, message: host.message, ...defined({ hint: host.hint }) }]
      : [],
  );
}

// --- internal ---

const nowhere = new FloeError("It was not observed");

/** Machines that are asked at the same time. */
const askedAtOnce = 16;

async function eachHost<T, R>(
  hosts: ByHost<T>,
  ask: (host: T, name: string) => Promise<R>,
): Promise<ReadonlyMap<string, R | FloeError>> {
  const answers = await mapLimit([...hosts], askedAtOnce, async ([name, host]): Promise<[string, R | FloeError]> => {
    if (host instanceof FloeError) return [name, host];
    try {
      return [name, await ask(host, name)];
    } catch (error) {
      if (!(error instanceof FloeError) || error instanceof CancelledError) throw error;
      return [name, error];
    }
  });
  return new Map(answers);
}

async function inPhase<T>(phase: "observe" | "build", { emit }: Work, work: () => Promise<T>): Promise<T> {
  emit({ type: "phase.start", phase });
  let ok = false;
  try {
    const result = await work();
    ok = true;
    return result;
  } finally {
    emit({ type: "phase.end", phase, ok });
  }
}

function batchOf({ rollout }: Fleet): { readonly batch?: number; readonly parallel?: number } {
  return rollout === undefined ? {} : { batch: rollout.parallel, parallel: rollout.parallel };
}

async function buildHere(
  fleet: Fleet,
  derivations: readonly (Derivation & { readonly name: string })[],
  onBuilt: BuildHostsOptions["onBuilt"],
  work: Work,
): Promise<(readonly [string, BuiltHost | FloeError])[]> {
  if (derivations.length === 0) return [];
  const { buildDerivations } = await import("./nix/build.ts");
  const emit: Work["emit"] = (event) => {
    work.emit(event);
    const ended = event as FloeEvent;
    if (ended.type !== "build.end" || !ended.ok) return;
    for (const { name, drvPath } of derivations) if (drvPath === ended.drv) onBuilt?.(name);
  };
  const outcomes = await buildDerivations({
    nix: await nixOf(fleet),
    derivations,
    rootsDir: join(fleet.root, ".floe", "roots"),
    keepGoing: true,
    builders: fleet.builders ?? [],
    signal: work.signal,
    emit,
  });
  return outcomes.map((outcome) => [outcome.name, builtHere(outcome)] as const);
}

function builtHere(outcome: BuildOutcome): BuiltHost | FloeError {
  return outcome.ok ? { system: outcome.outPath, drvPath: outcome.drvPath, isThere: false } : outcome.error;
}

async function buildOnMachines(
  derivations: readonly (Derivation & { readonly name: string })[],
  { machines }: OpenHosts,
  work: Work,
): Promise<(readonly [string, BuiltHost | FloeError])[]> {
  if (derivations.length === 0) return [];
  const { buildThere } = await import("./apply/hosts/build-there.ts");
  const byName = new Map(derivations.map((derivation) => [derivation.name, derivation]));
  const reached = new Map([...machines].filter(([name]) => byName.has(name)));
  const built = await eachHost(reached, async (machine, name): Promise<BuiltHost> => {
    const { drvPath, outPath } = byName.get(name) as Derivation;
    await buildThere({ machine, drvPath, outPath, ...work });
    return { system: outPath, drvPath, isThere: true };
  });
  return [...built];
}

async function nixOf({ root }: Pick<Fleet, "root">): ReturnType<typeof findNix> {
  return findNix({ cacheDir: join(root, ".floe", "cache") });
}
