/** What is done with single instances beside a plan: health, power, snapshots, rollback. */
import type { RollbackInput, RollbackPlan } from "../apply/rollback.ts";
import type { PowerAction, PowerResult } from "../apply/set-power.ts";
import type { SnapshotInput } from "../apply/snapshots.ts";
import { FloeError } from "../errors.ts";
import type { Fleet, Instance } from "../model/fleet.ts";
import { instanceAddress } from "../plan/labels.ts";
import type { ApplyReport } from "../report/reduce.ts";
import { openJournal } from "../state/journal.ts";
import { defined } from "../util/defined.ts";
import { mapLimit } from "../util/map-limit.ts";
import { type ApplyRequest, systemsOf } from "./apply.ts";
import { openConnections } from "./connect.ts";
import type { Work } from "./work.ts";

/** What a rollback of an instance would do. @throws FloeError when there is nothing to go back to */
export async function planRollback(
  input: Pick<RollbackInput, "fleet" | "name" | "clients" | "to">,
): Promise<RollbackPlan> {
  return (await import("../apply/rollback.ts")).planRollback(input);
}

/** Puts an instance back to what it was before; a second rollback comes back. @throws FloeError when there is nothing to go back to */
export async function rollback(
  fleet: Fleet,
  name: string,
  { clients, lock, to }: Pick<ApplyRequest, "clients" | "lock"> & Pick<RollbackInput, "to">,
  work: Work,
): Promise<ApplyReport> {
  const { rollbackInstance } = await import("../apply/rollback.ts");
  return rollbackInstance({
    fleet,
    name,
    clients,
    systems: await systemsOf(fleet, {}, work),
    journal: openJournal(lock, "rollback", fleet.name),
    ...defined({ to }),
    ...work,
  });
}

/** What is wrong with each of these instances right now, by address; an empty list is healthy. One without checks is healthy when it runs. */
export async function askHealth(
  fleet: Fleet,
  instances: readonly Instance[],
  { signal }: Pick<Work, "signal">,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { checkHealth } = await import("../apply/check-health.ts");
  const connections = openConnections(fleet, signal);
  try {
    const clients = await connections.clients;
    const answers = await mapLimit(instances, healthAtOnce, async (instance) => {
      const client = clients[instance.server];
      const { project, name, health } = instance;
      const failures =
        client === undefined || client instanceof FloeError
          ? [client?.message ?? `There is no server "${instance.server}"`]
          : await checkHealth({ client, project, name }, health, signal);
      return [instanceAddress(instance), failures] as const;
    });
    return new Map(answers);
  } finally {
    await connections.close();
  }
}

/** What `setPower` is given. */
export interface PowerRequest extends Pick<ApplyRequest, "clients" | "lock"> {
  readonly action: PowerAction;
  readonly instances: readonly Instance[];
  readonly force: boolean;
  readonly timeoutMs?: number;
}

/** Starts, stops or restarts instances; a failure is a result. @throws FloeError when they depend on each other in a circle */
export async function setPower(
  fleet: Fleet,
  { instances, lock, ...request }: PowerRequest,
  work: Work,
): Promise<PowerResult[]> {
  const { setPower: run } = await import("../apply/set-power.ts");
  const addresses = instances.map(instanceAddress);
  return run({ ...request, ...work, fleet, addresses, journal: openJournal(lock, request.action, fleet.name) });
}

/** What `changeSnapshot` is given. */
export type SnapshotRequest = Pick<ApplyRequest, "clients" | "lock"> &
  Pick<SnapshotInput, "action" | "instance" | "snapshot" | "saveAs">;

/** Makes or deletes a snapshot of an instance, or goes back to one. @throws FloeError when it cannot be done */
export async function changeSnapshot(fleet: Fleet, { lock, ...request }: SnapshotRequest, work: Work): Promise<void> {
  const { changeSnapshot: run } = await import("../apply/snapshots.ts");
  return run({ ...request, ...work, fleet, journal: openJournal(lock, `snapshot ${request.action}`, fleet.name) });
}

// --- internal ---

/** Instances whose health is asked for at the same time. */
const healthAtOnce = 8;
