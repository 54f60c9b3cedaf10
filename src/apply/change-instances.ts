import type { InstanceChange } from "../model/plan.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { imageAddress, volumeAddress } from "../plan/labels.ts";
import { changeInstance } from "./instance.ts";
import { inParallel } from "./parallel.ts";
import { desiredOf, instanceChanges, type Run, targetOf } from "./run.ts";

/** Containers that change at the same time. */
const containersAtOnce = 2;

/** Containers beside each other; the instances of one after each other, until the first that fails. */
export async function changeInstances(run: Run): Promise<void> {
  const { plan, record } = run;
  const changes = instanceChanges(plan).filter(
    ({ action, method, address }) =>
      action !== "none" && method !== "delete" && record.outcomeOf(address) === undefined,
  );
  if (changes.length === 0) return;
  record.emit({ type: "phase.start", phase: "apply", count: changes.length });
  const containers = [...new Set(changes.map(({ container }) => container))];
  const tasks = containers.map(
    (container) => () =>
      changeContainer(
        run,
        changes.filter((change) => change.container === container),
      ),
  );
  await inParallel(tasks, containersAtOnce);
  record.emit({
    type: "phase.end",
    phase: "apply",
    ok: changes.every(({ address }) => record.outcomeOf(address) === "done"),
  });
}

// --- internal ---

async function changeContainer(run: Run, changes: readonly InstanceChange[]): Promise<void> {
  const { input, context, record, fingerprints } = run;
  let failed: string | undefined;
  for (const change of changes) {
    const desired = desiredOf(input, change);
    const obstacle = obstacleTo(run, change, desired, failed);
    if (obstacle !== undefined) {
      record.settle(change.address, { outcome: "skipped", error: obstacle });
      continue;
    }
    const target = { ...targetOf(input, change), health: desired.health, keep: desired.keep };
    const { outcome } = await record.change(change.address, () =>
      changeInstance(context, target, { change, desired, fingerprint: fingerprints.get(imageAddress(change)) }),
    );
    if (outcome !== "done") failed = change.name;
  }
}

/** Why a change is not even begun. */
function obstacleTo(
  { context, record }: Run,
  change: InstanceChange,
  desired: DesiredInstance,
  failed: string | undefined,
): string | undefined {
  if (context.signal.aborted) return "Stopped before it was its turn";
  if (failed !== undefined) return `"${failed}", made from the same image, failed before`;
  const image = record.outcomeOf(imageAddress(change));
  if (image !== undefined && image !== "done") return `The image of "${change.container}" could not be made`;
  const missing = desired.volumes.find(
    (volume) => (record.outcomeOf(volumeAddress({ ...change, ...volume })) ?? "done") !== "done",
  );
  return missing === undefined ? undefined : `The volume "${missing.name}" could not be made`;
}
