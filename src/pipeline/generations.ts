/**
 * What hosts were before, and what is left of it: history, rollback and cleaning up. Part of "floe/pipeline".
 *
 *     history    observe ──▶ describe
 *     rollback   connect → observe → choose → plan → apply → report        (as a switch)
 *     gc         connect → sort → simulate → plan → collect                 (each machine by itself)
 */
import { FloeError } from "../errors.ts";
import type { DescribedGeneration, PackagesChanged } from "../generations/describe.ts";
import type { GcPlan, GcResult } from "../generations/gc-plan.ts";
import type { GcPolicy } from "../generations/gc-policy.ts";
import type { AskPassword, Machine } from "../machine/machine.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import type { HostPlan } from "../model/host-plan.ts";
import type { ObservedHost } from "../plan/hosts/observed.ts";
import type { ApplyReport } from "../report/reduce.ts";
import { openJournal } from "../state/journal.ts";
import type { Lock } from "../state/lock.ts";
import { defined } from "../util/defined.ts";
import { mapLimit } from "../util/map-limit.ts";
import { asAnswer } from "./as-answer.ts";
import { guardHosts, observeHosts } from "./observe-hosts.ts";
import { type ByHost, type OpenHosts, openHosts, waysOf } from "./open-hosts.ts";
import { planHosts } from "./plan-hosts.ts";
import type { Work } from "./work.ts";

/** The generations of a machine or a home, and where it is. */
export interface MachineHistory {
  readonly where: string;
  /** The newest first. */
  readonly generations: readonly DescribedGeneration[];
}

/** history: one question to the machine, which takes no root. @throws FloeError without a way to it, ConnectionError, CancelledError */
export async function hostHistory(fleet: Fleet, host: Host, { signal }: Pick<Work, "signal">): Promise<MachineHistory> {
  const [{ observeGenerations }, { describeGenerations }, machine] = await Promise.all([
    import("../generations/observe.ts"),
    import("../generations/describe.ts"),
    openAsUser(fleet, host, signal),
  ]);
  try {
    const observed = await observeGenerations(machine, "system", { signal, closures: true });
    return { where: machine.where, generations: describeGenerations(observed) };
  } finally {
    await machine.close();
  }
}

/** A host as it is now, with its generations. */
export interface InspectedHost extends MachineHistory {
  readonly observed: ObservedHost;
  /** Why it should be restarted: what runs is not what was booted. */
  readonly rebootReasons: readonly string[];
}

/** Two questions over one connection, which take no root and no password. @throws FloeError without a way to it, ConnectionError, CancelledError */
export async function inspectHost(fleet: Fleet, host: Host, { signal }: Pick<Work, "signal">): Promise<InspectedHost> {
  const [{ observeHost }, { observeGenerations }, { describeGenerations }, { rebootReasons }, machine] =
    await Promise.all([
      import("../plan/hosts/observe-host.ts"),
      import("../generations/observe.ts"),
      import("../generations/describe.ts"),
      import("../plan/hosts/reboot.ts"),
      openAsUser(fleet, host, signal),
    ]);
  try {
    const observed = await observeHost(machine, signal);
    const generations = describeGenerations(await observeGenerations(machine, "system", { signal }));
    const { booted, current } = observed.parts;
    return { where: machine.where, observed, generations, rebootReasons: rebootReasons(booted, current) };
  } finally {
    await machine.close();
  }
}

/** What one generation of a host has that another has not. */
export interface GenerationDifference extends Omit<PackagesChanged, "since"> {
  readonly from: number;
  readonly to: number;
}

/** One question to the machine, which takes no root. @throws UsageError for a number that is not there; else as `hostHistory` */
export async function compareHostGenerations(
  fleet: Fleet,
  host: Host,
  { from, to }: { readonly from: number; readonly to: number },
  { signal }: Pick<Work, "signal">,
): Promise<GenerationDifference> {
  const [{ observeGenerations }, { compareGenerations }, machine] = await Promise.all([
    import("../generations/observe.ts"),
    import("../generations/describe.ts"),
    openAsUser(fleet, host, signal),
  ]);
  try {
    const observed = await observeGenerations(machine, "system", { signal, closures: true });
    return { from, to, ...compareGenerations(observed, from, to) };
  } finally {
    await machine.close();
  }
}

/** What a rollback of a host would do; `close` ends the connection. */
export interface PlannedHostRollback {
  readonly plan: HostPlan;
  readonly generation: DescribedGeneration;
  readonly machine: Machine;
  close(): Promise<void>;
}

export interface HostRollbackOptions {
  /** The number of a generation; absent: the last one before that is another system. */
  readonly to?: number;
  /** Take the machine for the host whatever its name and id say. */
  readonly forceHost?: boolean;
  readonly askPassword?: AskPassword | undefined;
}

/**
 * rollback, up to the plan: which generation, and what changes with it. Asks for passwords.
 * @throws UsageError for a number that is not there, FloeError when there is nothing to go back to or it is the wrong machine, ConnectionError
 */
export async function planHostRollback(
  fleet: Fleet,
  host: Host,
  { to, forceHost = false, askPassword }: HostRollbackOptions,
  work: Work,
): Promise<PlannedHostRollback> {
  const open = await openHosts(fleet, [host], askPassword, work);
  try {
    const machine = reached(open.machines, host.name);
    const seen = await observeHosts(open, work);
    const observed = forceHost ? seen : await guardHosts(fleet, open, seen);
    reached(observed, host.name);
    const generation = await chooseOf(machine, host.name, to, work);
    const built = new Map([[host.name, { system: generation.system, isThere: true }]]);
    const request = { action: "switch" as const, machines: open.machines, observed, built, adopt: true, canary: false };
    return { plan: await planHosts(fleet, request, work), generation, machine, close: open.close };
  } catch (error) {
    await open.close();
    throw error;
  }
}

export interface HostRollbackRequest {
  readonly lock: Lock;
  /** Who does it: `me@desk`. */
  readonly by: string;
}

/**
 * rollback, the rest: supervised, confirmed and health-checked as a switch; a rollback to what does not work goes back too. The project is not
 * changed, and no generation is deleted. @throws CancelledError with the report in its details
 */
export async function rollBackHost(
  fleet: Fleet,
  host: Host,
  { plan, generation, machine }: PlannedHostRollback,
  { lock, by }: HostRollbackRequest,
  work: Work,
): Promise<ApplyReport> {
  const [{ applyHosts }, { openCopies }] = await Promise.all([
    import("../apply/hosts/apply-hosts.ts"),
    import("../apply/hosts/copies.ts"),
  ]);
  return applyHosts({
    plan: { ...plan, action: "switch" },
    targets: plan.changes.flatMap((change) =>
      change.action === "none" ? [] : [{ host, machine, change, isThere: true }],
    ),
    root: fleet.root,
    record: { fleet: fleet.name, by, ...defined({ revision: generation.revision }) },
    copies: openCopies(1, work.emit, work.signal),
    journal: openJournal(lock, "rollback", fleet.name),
    ...work,
  });
}

/** A machine to clean up, with what would go, or why that cannot be told. */
export interface MachineGc {
  readonly name: string;
  readonly where: string;
  readonly plan: GcPlan | FloeError;
}

/** Machines that are looked at; the caller closes. */
export interface PlannedGc {
  readonly machines: readonly MachineGc[];
  /** Cleans one of them up. @throws as `collectGarbage`; LockedError while a switch is under way there */
  collect(name: string): Promise<GcResult>;
  close(): Promise<void>;
}

export interface GcRequest {
  readonly hosts: readonly Host[];
  /** How many generations and days, of each host. */
  readonly policyOf: (host: Host) => GcPolicy;
  readonly forceHost?: boolean;
  readonly askPassword?: AskPassword | undefined;
}

/** gc, up to the plan; changes nothing. A machine that fails is an answer, and holds up no other. @throws CancelledError */
export async function planGc(
  fleet: Fleet,
  { hosts, policyOf, forceHost = false, askPassword }: GcRequest,
  work: Work,
): Promise<PlannedGc> {
  const gc = await import("../generations/gc.ts");
  const open = await openHosts(fleet, hosts, askPassword, work);
  try {
    const seen = await observeHosts(open, work);
    const guarded = forceHost ? seen : await guardHosts(fleet, open, seen);
    const plans = await mapLimit(hosts, atOnce, async (host): Promise<MachineGc> => {
      const machine = open.machines.get(host.name);
      const observed = guarded.get(host.name);
      const where = machine === undefined || machine instanceof FloeError ? (host.target ?? host.name) : machine.where;
      const about = { name: host.name, where };
      if (machine instanceof FloeError) return { ...about, plan: machine };
      if (observed instanceof FloeError) return { ...about, plan: observed };
      return { ...about, plan: await gc.planGc(machine as Machine, policyOf(host), work.signal).catch(asAnswer) };
    });
    const collect = async (name: string): Promise<GcResult> => {
      const machine = reached(open.machines, name);
      const plan = plans.find((one) => one.name === name)?.plan;
      if (plan === undefined || plan instanceof FloeError) throw plan ?? new FloeError(`"${name}" is not in the plan`);
      await refuseWhileSwitched(machine, work);
      return gc.collectGarbage(machine, plan, work.signal);
    };
    return { machines: plans, collect, close: open.close };
  } catch (error) {
    await open.close();
    throw error;
  }
}

// --- internal ---

/** Stores that are gone through at the same time, each on a machine of its own. */
const atOnce = 8;

async function openAsUser(fleet: Fleet, host: Host, signal: AbortSignal): Promise<Machine> {
  const [{ openMachine }, { targetOf }, ways] = await Promise.all([
    import("../machine/open.ts"),
    import("../apply/hosts/open.ts"),
    waysOf(fleet, signal),
  ]);
  return openMachine(host.name, targetOf(host), ways);
}

async function chooseOf(
  machine: Machine,
  name: string,
  to: number | undefined,
  { signal }: Work,
): Promise<DescribedGeneration> {
  const [{ observeGenerations }, { chooseGeneration }, { describeGenerations }] = await Promise.all([
    import("../generations/observe.ts"),
    import("../generations/choose.ts"),
    import("../generations/describe.ts"),
  ]);
  const observed = await observeGenerations(machine, "system", { signal });
  const { number } = chooseGeneration(observed, name, to);
  return describeGenerations(observed).find((one) => one.number === number) as DescribedGeneration;
}

/** What is there for a host. @throws the error that stands for it */
function reached<T>(hosts: ByHost<T> | OpenHosts["machines"], name: string): T {
  const found = hosts.get(name);
  if (found === undefined) throw new FloeError(`"${name}" was not asked`);
  if (found instanceof FloeError) throw found;
  return found as T;
}

async function refuseWhileSwitched(machine: Machine, { signal }: Work): Promise<void> {
  const { readActivations, isUnderWay } = await import("../apply/activation/activation.ts");
  const { LockedError } = await import("../errors.ts");
  const busy = (await readActivations(machine, { signal })).find((one) => isUnderWay(one) || one.state === "waiting");
  if (busy === undefined) return;
  throw new LockedError(`"${machine.name}" is being switched by ${busy.by || "somebody"}`, {
    hint: "Clean it up when that is over",
  });
}
