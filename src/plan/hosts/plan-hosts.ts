/** Hosts as they are beside what they should be: the plan. */
import { CancelledError, FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { ActivationAction, HostPlan } from "../../model/host-plan.ts";
import type { Problem } from "../../model/plan.ts";
import type { NixTool } from "../../nix/find.ts";
import { mapLimit } from "../../util/map-limit.ts";
import { canonicalJson, digest } from "../digest.ts";
import { findOut } from "./find-out.ts";
import type { ObservedHost } from "./observed.ts";
import { type HostFindings, isDone, type PlannedHost, planHost } from "./plan-host.ts";
import { cycleProblems, type HostRollout, wavesOfHosts } from "./waves.ts";

export interface HostToPlan {
  readonly name: string;
  readonly machine: Machine;
  /** Or why it could not be observed. */
  readonly observed: ObservedHost | FloeError;
  /** As the fleet says it: `x86_64-linux`. */
  readonly platform: string;
  /** The store path that is to run; it need not be built. */
  readonly system: string;
  /** Of the system; absent where only its store path is known. */
  readonly drvPath?: string | undefined;
  /** Names of hosts that change before it. */
  readonly dependsOn?: readonly string[] | undefined;
}

export interface PlanHostsOptions {
  readonly fleet: string;
  /** The project's folder. */
  readonly root: string;
  readonly action: ActivationAction;
  readonly nix: NixTool;
  /** Generations that somebody else made are taken over. Default: refused. */
  readonly adopt?: boolean;
  /** What has its system already and waits for a reboot is rebooted. */
  readonly reboot?: boolean;
  /** The machines' root was prepared: new systems that are there already may be asked what becomes of units. Default: floe compares unit files. */
  readonly asRoot?: boolean;
  /** Default: all at once. */
  readonly rollout?: HostRollout | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hosts with nothing to do cost nothing more than their observation. A host that fails is a problem of its own, and no reason to plan the
 * others differently. @throws CancelledError
 */
export async function planHosts(hosts: readonly HostToPlan[], options: PlanHostsOptions): Promise<HostPlan> {
  const planned = await mapLimit(hosts, atOnce, (host) => planOne(host, options));
  const changes = planned.flatMap(({ change }) => change ?? []);
  const problems = [...planned.flatMap((each) => each.problems), ...cycleProblems(hosts)];
  const held = new Set(problems.map(({ subject }) => subject));
  const moving = changes.filter(({ name, action }) => action !== "none" && !held.has(`host ${name}`));
  return {
    version: 1,
    fleet: options.fleet,
    action: options.action,
    changes,
    problems,
    waves: wavesOfHosts(
      hosts.filter(({ name }) => moving.some((change) => change.name === name)),
      options.rollout,
    ),
    basis: basisOfHosts(hosts, options),
  };
}

/** Equal while the same is wanted and nobody changed what runs and what boots. */
export function basisOfHosts(
  hosts: readonly HostToPlan[],
  { fleet, action }: Pick<PlanHostsOptions, "fleet" | "action">,
): string {
  const seen = hosts.map(({ name, system, observed }) => ({
    name,
    system,
    world:
      observed instanceof FloeError
        ? null
        : {
            machineId: observed.identity.machineId ?? null,
            hostName: observed.identity.hostName,
            current: observed.current ?? null,
            boots: observed.boots?.system ?? null,
          },
  }));
  seen.sort((a, b) => (a.name < b.name ? -1 : 1));
  return digest(canonicalJson({ fleet, action, seen }));
}

// --- internal ---

/** Connections that ask at the same time. */
const atOnce = 10;

type Planned = { readonly change?: PlannedHost["change"]; readonly problems: readonly Problem[] };

async function planOne(host: HostToPlan, options: PlanHostsOptions): Promise<Planned> {
  const { name, machine, observed } = host;
  if (observed instanceof FloeError) return { problems: [problemOf(name, observed)] };
  let found: HostFindings | undefined;
  const problems: Problem[] = [];
  if (!isDone(options.action, host.system, observed)) {
    try {
      const { root, nix, signal, asRoot = false } = options;
      found = await findOut({ ...host, observed, root, nix, signal, asRoot });
    } catch (error) {
      if (!(error instanceof FloeError) || error instanceof CancelledError) throw error;
      problems.push(problemOf(name, error));
    }
  }
  const { fleet, action, adopt = false, reboot = false } = options;
  const planned = planHost({ ...host, observed, fleet, action, adopt, reboot, where: machine.where, found });
  return { change: planned.change, problems: [...problems, ...planned.problems] };
}

function problemOf(name: string, { message, hint }: FloeError): Problem {
  return { subject: `host ${name}`, message, ...(hint === undefined ? {} : { hint }) };
}
