/** Snapshots of a described instance: made, deleted, gone back to. */
import { FloeError } from "../errors.ts";
import type { Fleet, Instance } from "../model/fleet.ts";
import { decodeHealth } from "../plan/applied.ts";
import { instanceAddress, label } from "../plan/labels.ts";
import type { Clients } from "../plan/observe.ts";
import type { Emit } from "../report/events.ts";
import type { Journal } from "../state/journal.ts";
import { requireClient } from "./clients.ts";
import { type ApplyContext, messageOf, step, type Target } from "./context.ts";
import { waitHealthy } from "./health.ts";
import { readObjects } from "./objects.ts";
import { whenFree } from "./power.ts";

export interface SnapshotInput {
  readonly fleet: Fleet;
  readonly action: "create" | "delete" | "restore";
  readonly instance: Instance;
  readonly snapshot: string;
  /** With `restore`: first a snapshot of this name is made of how it is. Storage that can only go back to its newest snapshot refuses then. */
  readonly saveAs?: string;
  readonly clients: Clients;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly journal: Journal;
}

/**
 * What runs is not stopped for a snapshot; going back to one stops and starts it, and waits until it is healthy. Volumes and mounts stay as they are.
 * @throws FloeError when it is not there, is somebody else's, or not healthy afterwards; IncusError
 */
export async function changeSnapshot(input: SnapshotInput): Promise<void> {
  const { fleet, instance, emit, signal, journal } = input;
  const context: ApplyContext = { fleet: fleet.name, journal, emit, signal };
  const { server, project, name, keep, health } = instance;
  const address = instanceAddress(instance);
  const client = requireClient(input.clients, server);
  const target: Target = { client, address, project, name, keep, health };
  const begin = performance.now();
  emit({ type: "phase.start", phase: "apply", count: 1 });
  try {
    await act(input, context, target);
    journal.change(address, "done");
    emit({ type: "change.end", subject: address, outcome: "done", ms: Math.round(performance.now() - begin) });
    emit({ type: "phase.end", phase: "apply", ok: true });
    journal.end(0);
  } catch (error) {
    journal.change(address, "failed", messageOf(error));
    emit({ type: "phase.end", phase: "apply", ok: false });
    journal.end(1);
    throw error;
  }
}

// --- internal ---

async function act(
  { fleet, action, snapshot, saveAs }: SnapshotInput,
  context: ApplyContext,
  target: Target,
): Promise<void> {
  const { client, project, name, address } = target;
  const { current } = await readObjects(target, fleet.name);
  if (current === undefined)
    throw new FloeError(`The instance "${name}" does not exist on its server, or is not this fleet's`, {
      hint: "floe apply makes it",
    });
  const make = (as: string): Promise<void> =>
    step(context, address, "snapshot", () => whenFree(() => client.createSnapshot(project, name, as)), as);
  if (action === "create") return make(snapshot);
  await requireSnapshot(target, snapshot);
  if (action === "delete")
    return step(context, address, "delete snapshot", () => client.deleteSnapshot(project, name, snapshot), snapshot);
  if (current.config[label.rebuilding] !== undefined || current.config[label.pending] !== undefined)
    throw new FloeError(`An apply of "${name}" was interrupted`, { hint: "floe apply puts back what it had begun" });
  if (saveAs !== undefined) await make(saveAs);
  await step(
    context,
    address,
    "restore",
    () => whenFree(() => client.restoreSnapshot(project, name, snapshot)),
    snapshot,
  );
  if (current.status !== "running") return;
  // Its config came back with it: it is held to the checks of that time.
  const restored = await client.getInstance(project, name);
  const checks = decodeHealth(restored?.value.config ?? {}) ?? target.health;
  await step(context, address, "health", () => waitHealthy(target, checks, context.signal));
}

async function requireSnapshot({ client, project, name }: Target, snapshot: string): Promise<void> {
  const found = await client.listSnapshots(project, name);
  if (found.some((one) => one.name === snapshot)) return;
  throw new FloeError(`The instance "${name}" has no snapshot "${snapshot}"`, {
    hint: found.length === 0 ? "It has none" : `There are: ${found.map((one) => one.name).join(", ")}`,
  });
}
