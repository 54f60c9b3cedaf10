/** The successor of a warm swap proves itself while its predecessor serves; one that does not has cost no downtime. */
import { CancelledError } from "../errors.ts";
import { physicalNames } from "../plan/labels.ts";
import { park } from "../plan/parking.ts";
import { checksInside, isolate } from "../plan/trial.ts";
import { type ApplyContext, step, type Target, throwIfCancelled } from "./context.ts";
import { editInstance } from "./edit.ts";
import { waitHealthy } from "./health.ts";
import { startInstance, stopInstance } from "./power.ts";

/**
 * Starts NAME-next without addresses and ports, waits for the checks that can be asked inside it, and stops it again.
 * @throws FloeError when it does not become healthy: then recovery keeps it as NAME-failed
 */
export async function tryBeside(context: ApplyContext, target: Target): Promise<void> {
  const { client, project, name, address, health } = target;
  const { next } = physicalNames(name);
  const checks = checksInside(health);
  try {
    await step(context, address, "isolate", () =>
      editInstance(client, project, next, (body, { expanded_devices }) => isolate(body, expanded_devices)),
    );
    throwIfCancelled(context);
    await step(context, address, "trial-start", () => startInstance(target, next));
    await step(
      context,
      address,
      "trial-health",
      () => waitHealthy({ ...target, name: next }, checks, context.signal),
      `${checks.length} of ${health.length} checks: the others need its addresses`,
    );
    await step(context, address, "trial-stop", () => stopInstance(target, next, context.emit));
  } catch (error) {
    if (!(error instanceof CancelledError)) await keepForItsLogs(target, next);
    throw error;
  }
}

// --- internal ---

/** Where even this fails it is deleted, like any successor that never served. */
async function keepForItsLogs({ client, project }: Target, next: string): Promise<void> {
  await editInstance(client, project, next, (body) => park(body, "failed")).catch(() => {});
}
