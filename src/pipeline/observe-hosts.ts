/** observe, guard: what hosts are now, and whether they are the ones meant. */
import { FloeError } from "../errors.ts";
import type { Machine } from "../machine/machine.ts";
import type { Fleet } from "../model/fleet.ts";
import type { ObservedHost } from "../plan/hosts/observed.ts";
import { inPhase } from "../report/in-phase.ts";
import { readUnfinished } from "../state/journal.ts";
import { eachHost } from "./each-host.ts";
import type { ByHost, OpenHosts } from "./open-hosts.ts";
import type { Work } from "./work.ts";

/** Says what became of switches that an earlier floe began and did not see the end of, and takes back what still waits. @throws CancelledError */
export async function settleUnfinished(fleet: Fleet, { machines }: OpenHosts, work: Work): Promise<void> {
  const unfinished = readUnfinished(fleet.root);
  if (unfinished.length === 0) return;
  const { settleUnfinished: settle } = await import("../apply/hosts/unfinished.ts");
  await eachHost(machines, (machine) => settle(machine, { unfinished, ...work }));
}

/** observe: each machine with one question. @throws CancelledError */
export async function observeHosts({ machines }: OpenHosts, work: Work): Promise<ByHost<ObservedHost>> {
  const { observeHost } = await import("../plan/hosts/observe-host.ts");
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
    import("../apply/hosts/identity.ts"),
    import("../apply/hosts/host-name.ts"),
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

/** Notes what machines are known as that were found as they should be. */
export async function rememberHosts(fleet: Fleet, observed: ByHost<ObservedHost>): Promise<void> {
  const { rememberHost } = await import("../apply/hosts/identity.ts");
  for (const [name, host] of observed) if (!(host instanceof FloeError)) rememberHost(fleet.root, name, host.identity);
}
