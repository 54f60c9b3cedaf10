/** apply, report: hosts that are switched. */
import type { Copies } from "../apply/hosts/copies.ts";
import type { HostAction, HostsOptions, HostTarget } from "../apply/hosts/run.ts";
import { FloeError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import type { HostPlan } from "../model/host-plan.ts";
import type { ObservedHost } from "../plan/hosts/observed.ts";
import type { ApplyReport } from "../report/reduce.ts";
import { openJournal } from "../state/journal.ts";
import type { Lock } from "../state/lock.ts";
import { defined } from "../util/defined.ts";
import type { ByHost, OpenHosts } from "./open-hosts.ts";
import { batchOf, type PlanHostsRequest } from "./plan-hosts.ts";
import type { Work } from "./work.ts";

/** A pool of copies, which may begin before everything is built. */
export async function openCopies(fleet: Fleet, maxParallel: number | undefined, work: Work): Promise<Copies> {
  const [{ openCopies: open }, { defaultParallel }] = await Promise.all([
    import("../apply/hosts/copies.ts"),
    import("../apply/hosts/apply-hosts.ts"),
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
    import("../apply/hosts/apply-hosts.ts"),
    import("../nix/revision.ts"),
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
