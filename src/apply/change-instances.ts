import type { InstanceChange } from "../model/plan.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { imageAddress, volumeAddress } from "../plan/labels.ts";
import type { Turn } from "../plan/order.ts";
import { defaultParallel, turnsOf } from "../plan/rollout.ts";

import { changeInstance } from "./instance.ts";
import { runInOrder } from "./parallel.ts";
import { profileObstacle } from "./profiles.ts";
import { desiredOf, instanceChanges, type Run, targetOf } from "./run.ts";
import { withUnitsBefore } from "./units.ts";

/**
 * Every instance once those that it waits for are done, some at the same time. A failure spares what waits for the one that
 * failed: those that depend on it, and the other instances of its image. With `failFast` it spares all that is not begun.
 */
export async function changeInstances(run: Run): Promise<void> {
  const { plan, record, input } = run;
  const due = turnsOf(input.fleet, plan.changes, { canary: plan.canary === true }).filter(
    ({ address }) => record.outcomeOf(address) === undefined,
  );
  if (due.length === 0) return;
  const changes = new Map(instanceChanges(plan).map((change) => [change.address, change]));
  record.emit({ type: "phase.start", phase: "apply", count: due.length });
  const tasks = due.map((turn) => ({
    id: turn.address,
    after: [...turn.needs, ...turn.after],
    run: () => takeTurn(run, turn, changes.get(turn.address) as InstanceChange),
  }));
  await runInOrder(tasks, input.options?.maxParallel ?? defaultParallel(input.fleet, plan.changes));
  record.emit({
    type: "phase.end",
    phase: "apply",
    ok: due.every(({ address }) => record.outcomeOf(address) === "done"),
  });
}

// --- internal ---

async function takeTurn(run: Run, turn: Turn, change: InstanceChange): Promise<void> {
  const { input, context, record, fingerprints } = run;
  const desired = desiredOf(input, change);
  const obstacle = obstacleTo(run, turn, change, desired);
  if (obstacle !== undefined) return record.settle(change.address, { outcome: "skipped", error: obstacle });
  const target = { ...targetOf(input, change), health: desired.health, keep: desired.keep };
  await record.change(change.address, async () =>
    changeInstance(context, await withUnitsBefore(target), {
      change,
      desired,
      fingerprint: fingerprints.get(imageAddress(change)),
      systems: input.systems,
    }),
  );
}

/** Why a change is not even begun. */
function obstacleTo(
  { context, record, plan, input }: Run,
  { needs }: Turn,
  change: InstanceChange,
  desired: DesiredInstance,
): string | undefined {
  if (context.signal.aborted) return "Stopped before it was its turn";
  const instances = instanceChanges(plan).filter(({ address }) => address !== change.address);
  const failed = instances.filter(({ address }) => isBad(record.outcomeOf(address)));
  const needed = failed.find(({ address }) => needs.includes(address));
  if (needed !== undefined)
    return `"${needed.name}", which it depends on, ${wordFor(record.outcomeOf(needed.address))}`;
  const sibling = failed.find(
    ({ address, container }) => container === change.container && record.outcomeOf(address) !== "skipped",
  );
  if (sibling !== undefined) return `"${sibling.name}", made from the same image, failed before`;
  const first = failed.find(({ address }) => record.outcomeOf(address) !== "skipped");
  if (input.options?.failFast === true && first !== undefined)
    return `"${first.name}" failed before, and nothing more was to be begun after that`;
  const profile = profileObstacle({ record }, change, desired.profiles);
  if (profile !== undefined) return profile;
  const image = record.outcomeOf(imageAddress(change));
  if (image !== undefined && image !== "done") return `The image of "${change.container}" could not be made`;
  const missing = desired.volumes.find(
    (volume) => (record.outcomeOf(volumeAddress({ ...change, ...volume })) ?? "done") !== "done",
  );
  return missing === undefined ? undefined : `The volume "${missing.name}" could not be made`;
}

function isBad(outcome: string | undefined): boolean {
  return outcome !== undefined && outcome !== "done";
}

function wordFor(outcome: string | undefined): string {
  return outcome === "skipped" ? "was not changed" : "failed before";
}
