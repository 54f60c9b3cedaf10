/**
 * The same pipeline for homes of home-manager that belong to no host:
 *
 *     evaluate → build → connect → plan → apply → report
 *
 * Part of "floe/pipeline". A home that fails at one of these steps is out, with the reason; the others go on.
 */
import { join } from "node:path";
import type { HomesOptions, HomeTarget } from "../apply/homes/apply-homes.ts";
import { FloeError } from "../errors.ts";
import type { AskPassword, Machine } from "../machine/machine.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet, Home } from "../model/fleet.ts";
import type { HomePlan } from "../model/home-plan.ts";
import type { BuildRequest } from "../nix/build.ts";
import type { ApplyReport } from "../report/reduce.ts";
import { openJournal } from "../state/journal.ts";
import type { Lock } from "../state/lock.ts";
import type { MachineHistory } from "./generations.ts";
import { nixOf } from "./nix-of.ts";
import type { ByHost } from "./open-hosts.ts";
import type { Work } from "./work.ts";

/** Machines of homes, by the homes' names; the caller closes. */
export interface OpenHomes {
  readonly machines: ReadonlyMap<string, Machine>;
  close(): Promise<void>;
}

/** The ways to homes. Nothing is connected yet, and no root is needed: it is asked for only where a store trusts the user in nothing. */
export async function openHomes(
  fleet: Fleet,
  homes: readonly Home[],
  askPassword?: AskPassword | undefined,
): Promise<OpenHomes> {
  const [{ openMachine }, { homeTarget }, nix] = await Promise.all([
    import("../machine/open.ts"),
    import("../apply/homes/open.ts"),
    nixOf(fleet),
  ]);
  const machines = new Map(
    homes.map((home) => [home.name, openMachine(home.name, homeTarget(home, fleet.hosts), { nix, askPassword })]),
  );
  return {
    machines,
    async close() {
      await Promise.all([...machines.values()].map((machine) => machine.close()));
    },
  };
}

/** build: the generations of homes, by name. A failure is an answer. @throws CancelledError */
export async function buildHomes(fleet: Fleet, { homes = {} }: Evaluation, work: Work): Promise<ByHost<string>> {
  const { buildDerivations } = await import("../nix/build.ts");
  const requests: BuildRequest[] = Object.entries(homes).flatMap(([name, home]) =>
    home.ok ? [{ name: homeBuildName(name), ...home.value }] : [],
  );
  const outcomes = await buildDerivations({
    nix: await nixOf(fleet),
    derivations: requests,
    rootsDir: join(fleet.root, ".floe", "roots"),
    keepGoing: true,
    builders: fleet.builders ?? [],
    ...work,
  });
  return new Map(
    Object.entries(homes).map(([name, home]) => {
      if (!home.ok) return [name, new FloeError(home.error.message, { hint: home.error.hint })] as const;
      const outcome = outcomes.find((one) => one.name === homeBuildName(name));
      return [
        name,
        outcome?.ok === true ? outcome.outPath : (outcome?.error ?? new FloeError("It was not built")),
      ] as const;
    }),
  );
}

/** plan: what would change in each home. @throws CancelledError */
export async function planHomes(
  fleet: Fleet,
  { machines }: OpenHomes,
  built: ByHost<string>,
  { signal }: Pick<Work, "signal">,
): Promise<HomePlan> {
  const [{ planHomes: plan }, { closureHere }, nix] = await Promise.all([
    import("../apply/homes/plan-homes.ts"),
    import("../plan/hosts/new-system.ts"),
    nixOf(fleet),
  ]);
  const homes = [...built].flatMap(([name, generation]) => {
    const machine = machines.get(name);
    return machine === undefined || generation instanceof FloeError ? [] : [{ name, machine, generation }];
  });
  const planned = await plan(homes, { fleet: fleet.name, signal, closureOf: (path) => closureHere(nix, path, signal) });
  const broken = [...built].flatMap(([name, error]) =>
    error instanceof FloeError
      ? [{ subject: `home ${name}`, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }]
      : [],
  );
  return { ...planned, problems: [...broken, ...planned.problems] };
}

export interface SwitchHomesRequest {
  readonly plan: HomePlan;
  readonly machines: OpenHomes["machines"];
  readonly lock: Lock;
  /** For the journal; default `switch`. */
  readonly verb?: string;
  /** The generations are on their machines already. */
  readonly areThere?: boolean;
  readonly options?: HomesOptions;
}

/** apply, report: what came of each home is in the report, failures too. @throws CancelledError with the report in its details */
export async function switchHomes(
  fleet: Fleet,
  { plan, machines, lock, verb = "switch", areThere = false, options = {} }: SwitchHomesRequest,
  work: Work,
): Promise<ApplyReport> {
  const { applyHomes } = await import("../apply/homes/apply-homes.ts");
  const targets = plan.changes.flatMap((change): HomeTarget[] => {
    const [home, machine] = [fleet.homes?.[change.name], machines.get(change.name)];
    if (change.action === "none" || home === undefined || machine === undefined) return [];
    return [{ home, machine, change, isThere: areThere }];
  });
  return applyHomes({ fleet: fleet.name, targets, journal: openJournal(lock, verb, fleet.name), options, ...work });
}

/** history: one question to the machine. @throws ConnectionError, FloeError, CancelledError */
export async function homeHistory(fleet: Fleet, home: Home, { signal }: Pick<Work, "signal">): Promise<MachineHistory> {
  const [{ observeGenerations }, { describeGenerations }, open] = await Promise.all([
    import("../generations/observe.ts"),
    import("../generations/describe.ts"),
    openHomes(fleet, [home]),
  ]);
  try {
    const machine = open.machines.get(home.name) as Machine;
    const observed = await observeGenerations(machine, "home", { signal, closures: true });
    return { where: machine.where, generations: describeGenerations(observed) };
  } finally {
    await open.close();
  }
}

/** What a rollback of a home would do; `close` ends the connection. */
export interface PlannedHomeRollback extends OpenHomes {
  readonly plan: HomePlan;
  /** The number of the generation that it goes back to. */
  readonly number: number;
}

/** rollback, up to the plan. @throws UsageError for a number that is not there, FloeError when there is nothing to go back to, ConnectionError */
export async function planHomeRollback(
  fleet: Fleet,
  home: Home,
  to: number | undefined,
  { signal }: Pick<Work, "signal">,
): Promise<PlannedHomeRollback> {
  const [{ observeGenerations }, { chooseGeneration }, { compareHome }, open] = await Promise.all([
    import("../generations/observe.ts"),
    import("../generations/choose.ts"),
    import("../apply/homes/plan-homes.ts"),
    openHomes(fleet, [home]),
  ]);
  try {
    const machine = open.machines.get(home.name) as Machine;
    const observed = await observeGenerations(machine, "home", { signal, closures: true });
    const { number, system } = chooseGeneration(observed, home.name, to);
    const change = compareHome({ name: home.name, machine, generation: system }, observed);
    return { ...open, number, plan: { version: 1, fleet: fleet.name, changes: [change], problems: [] } };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** What is built of a home is called so, its GC root as well: no host and no image can have that name. */
export function homeBuildName(home: string): string {
  return `home:${home}`;
}
