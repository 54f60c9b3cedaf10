/** Back to what ran before: the kept predecessor and the running instance change places, by the same swap. */
import { FloeError, UsageError } from "../errors.ts";
import type { IncusImage, IncusInstancePost } from "../incus/types.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { InstanceChange } from "../model/plan.ts";
import { decodeHealth } from "../plan/applied.ts";
import { imageLabel, instanceAddress, isKept, label, physicalNames } from "../plan/labels.ts";
import type { Clients } from "../plan/observe.ts";
import type { ObservedInstance } from "../plan/observed.ts";
import type { Emit } from "../report/events.ts";
import type { ApplyReport } from "../report/reduce.ts";
import type { Journal } from "../state/journal.ts";
import { requireClient } from "./clients.ts";
import type { ApplyContext, Target } from "./context.ts";
import { readObjects } from "./objects.ts";
import { type Recorder, recorder } from "./recorder.ts";
import { recoverInstance } from "./recover.ts";
import { type Successor, swapInstance } from "./swap.ts";

export interface RollbackInput {
  readonly fleet: Fleet;
  /** A declared instance. */
  readonly name: string;
  readonly clients: Clients;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly journal: Journal;
}

/** What a rollback would do, for the question before it. */
export interface RollbackPlan {
  readonly change: InstanceChange;
  /** The kept predecessor comes back, or a new instance is made from an older image. */
  readonly from: "previous" | "image";
}

/** @throws UsageError for a name that is not declared; FloeError when there is nothing to go back to */
export async function planRollback({
  fleet,
  name,
  clients,
}: Pick<RollbackInput, "fleet" | "name" | "clients">): Promise<RollbackPlan> {
  const target = targetOf(fleet, name, clients);
  const objects = await readObjects(target, fleet.name);
  if (objects.current === undefined && objects.outgoing === undefined) throw nothingThere(name);
  const now = (objects.outgoing ?? objects.current) as ObservedInstance;
  const older = objects.previous === undefined ? await olderImage(target, fleet.name, now) : undefined;
  const container = now.config[label.container] ?? "";
  const after = objects.previous?.config[label.rootfs] ?? older?.properties[imageLabel.rootfs] ?? "";
  const { address, project, client } = target;
  return {
    from: older === undefined ? "previous" : "image",
    change: {
      kind: "instance",
      address,
      name,
      container,
      server: client.server.name,
      project,
      action: "replace",
      method: "swap",
      differences: [{ key: "image", before: now.config[label.rootfs] ?? "", after, note: "the one before" }],
      notes:
        older === undefined
          ? []
          : [`There is no "${physicalNames(name).previous}": a new instance is made from the image before`],
    },
  };
}

/**
 * Puts the previous instance in the place of the running one, proves it healthy, and keeps the other as the previous: a
 * second rollback comes back.
 * @throws as planRollback
 */
export async function rollbackInstance(input: RollbackInput): Promise<ApplyReport> {
  const { fleet, name, clients, signal, journal } = input;
  const target = targetOf(fleet, name, clients);
  const { change } = await planRollback(input);
  const record = recorder({ fleet: fleet.name, changes: [change] }, input.emit, journal);
  const context: ApplyContext = { fleet: fleet.name, journal, emit: record.emit, signal };
  const begin = performance.now();
  record.emit({ type: "phase.start", phase: "apply", count: 1 });
  const outcome = await record.change(change.address, () => goBack(context, target));
  record.emit({ type: "phase.end", phase: "apply", ok: outcome.outcome === "done" });
  return endReport(record, performance.now() - begin);
}

// --- internal ---

function endReport(record: Recorder, ms: number): ApplyReport {
  return record.end(Math.round(ms));
}

function targetOf(fleet: Fleet, name: string, clients: Clients): Target {
  const instance = instancesOf(fleet).find((candidate) => candidate.name === name);
  if (instance === undefined)
    throw new UsageError(`There is no instance named "${name}"`, {
      hint: `Instances: ${
        instancesOf(fleet)
          .map((one) => one.name)
          .join(", ") || "none"
      }`,
    });
  const { project, health, server } = instance;
  // What is gone back from is kept, whatever the fleet keeps otherwise: a rollback can be taken back.
  return {
    client: requireClient(clients, server),
    address: instanceAddress(instance),
    project,
    name,
    keep: Math.max(2, instance.keep),
    health,
  };
}

async function goBack(context: ApplyContext, target: Target) {
  const { current, previous } = await recoverInstance(context, target);
  if (current === undefined) throw nothingThere(target.name);
  const successor: Successor =
    previous === undefined
      ? { kind: "new", body: await bodyFromOlderImage(context, target, current) }
      : { kind: "previous" };
  const health = (previous === undefined ? undefined : decodeHealth(previous.config)) ?? target.health;
  return swapInstance(context, { ...target, health }, successor, { start: false });
}

/** As the running one in everything but the image. */
async function bodyFromOlderImage(
  { fleet }: ApplyContext,
  target: Target,
  current: ObservedInstance,
): Promise<Omit<IncusInstancePost, "name">> {
  const { fingerprint, properties } = await olderImage(target, fleet, current);
  const own = Object.entries(current.config).filter(([key]) => !isKept(key));
  const labels = {
    [label.container]: current.config[label.container] ?? "",
    [label.applied]: current.config[label.applied] ?? "",
    [label.health]: current.config[label.health] ?? "",
    [label.rootfs]: properties[imageLabel.rootfs] ?? "",
    [label.metadata]: properties[imageLabel.metadata] ?? "",
  };
  return {
    type: "container",
    description: current.description,
    profiles: current.profiles,
    config: { ...Object.fromEntries(own), ...labels },
    devices: current.devices,
    source: { type: "image", fingerprint },
  };
}

/** The newest of the container's images that is older than the running one's. */
async function olderImage(
  { client, project, name }: Target,
  fleet: string,
  current: ObservedInstance,
): Promise<IncusImage> {
  const images = (await client.listImages(project))
    .filter(
      ({ properties }) =>
        properties[imageLabel.fleet] === fleet && properties[imageLabel.container] === current.config[label.container],
    )
    .sort((a, b) => (a.uploaded_at < b.uploaded_at ? 1 : -1));
  const running = images.findIndex(({ fingerprint }) => fingerprint === current.config["volatile.base_image"]);
  const older = images
    .slice(running + 1)
    .find(({ properties }) => properties[imageLabel.rootfs] !== current.config[label.rootfs]);
  if (older !== undefined) return older;
  throw new FloeError(
    `There is nothing to roll "${name}" back to: no "${physicalNames(name).previous}" is kept, and no older image`,
    {
      hint: "Change the description back and run floe apply; keep: 2 keeps a predecessor from then on",
    },
  );
}

function nothingThere(name: string): FloeError {
  return new FloeError(`The instance "${name}" does not exist on its server`, { hint: "floe apply makes it" });
}
