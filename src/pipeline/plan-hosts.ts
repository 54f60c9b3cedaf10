/** plan: what would change on hosts. */
import { FloeError } from "../errors.ts";
import type { Machine } from "../machine/machine.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import type { ActivationAction, HostPlan } from "../model/host-plan.ts";
import type { ObservedHost } from "../plan/hosts/observed.ts";
import { type BuiltHost, buildHosts } from "./build-hosts.ts";
import { hostProblems } from "./each-host.ts";
import { nixOf } from "./nix-of.ts";
import { guardHosts, observeHosts } from "./observe-hosts.ts";
import { type ByHost, openHosts } from "./open-hosts.ts";
import type { Work } from "./work.ts";

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
  const { planHosts: plan } = await import("../plan/hosts/plan-hosts.ts");
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
  const { isDone } = await import("../plan/hosts/plan-host.ts");
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

/** How many hosts go at a time, as the fleet says. */
export function batchOf({ rollout }: Fleet): { readonly batch?: number; readonly parallel?: number } {
  return rollout === undefined ? {} : { batch: rollout.parallel, parallel: rollout.parallel };
}

// --- internal ---

const nowhere = new FloeError("It was not observed");
