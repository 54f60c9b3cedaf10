/** Back to what ran before: the kept predecessor and the running instance change places, by the same swap. */
import { FloeError, UsageError } from "../errors.ts";
import type { IncusImage, IncusInstancePost } from "../incus/types.ts";
import { type Fleet, type HealthCheck, instancesOf } from "../model/fleet.ts";
import type { InstanceChange } from "../model/plan.ts";
import { decodeHealth } from "../plan/applied.ts";
import { seedOf } from "../plan/desired.ts";
import { isInPlace } from "../plan/generations.ts";
import { imageLabel, instanceAddress, isKept, label, physicalNames } from "../plan/labels.ts";
import type { Clients } from "../plan/observe.ts";
import type { ObservedInstance } from "../plan/observed.ts";
import { type InstanceObjects, unmark } from "../plan/recovery.ts";
import type { Emit } from "../report/events.ts";
import type { ApplyReport } from "../report/reduce.ts";
import type { Journal } from "../state/journal.ts";
import { defined } from "../util/defined.ts";
import { requireClient } from "./clients.ts";
import type { ApplyContext, Outcome, Target } from "./context.ts";
import { generationBefore, rollbackDifference, rollbackSystem } from "./in-place/rollback.ts";
import type { Systems } from "./in-place/systems.ts";
import { readObjects } from "./objects.ts";
import { type Renewal, rebuildInstance } from "./rebuild.ts";
import { type Recorder, recorder } from "./recorder.ts";
import { recoverInstance } from "./recover.ts";
import { madeFrom } from "./root.ts";
import { type Successor, swapInstance } from "./swap.ts";
import { withUnitsBefore } from "./units.ts";

export interface RollbackInput {
  readonly fleet: Fleet;
  /** A declared instance. */
  readonly name: string;
  readonly clients: Clients;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  /** The number of a generation, for an instance that is updated in place; absent: the one before. */
  readonly to?: number;
  readonly systems?: Systems;
}

/** What a rollback would do, for the question before it. */
export interface RollbackPlan {
  readonly change: InstanceChange;
  /**
   * The kept predecessor comes back, or a new instance, or a new root disk (`rebuild`), is made from an older image; or a
   * system that it ran before is switched to (`generation`).
   */
  readonly from: "previous" | "image" | "rebuild" | "generation";
}

/** @throws UsageError for a name that is not declared; FloeError when there is nothing to go back to */
export async function planRollback({
  fleet,
  name,
  clients,
  to,
}: Pick<RollbackInput, "fleet" | "name" | "clients" | "to">): Promise<RollbackPlan> {
  const target = targetOf(fleet, name, clients);
  const objects = await readObjects(target, fleet.name);
  if (objects.current === undefined && objects.outgoing === undefined) throw nothingThere(name);
  const now = (objects.outgoing ?? objects.current) as ObservedInstance;
  const generation = generationBefore(now, to);
  const { from, rootfs } = generation !== undefined ? byGeneration : await wayBack(target, fleet.name, objects, now);
  const container = now.config[label.container] ?? "";
  const { address, project, client } = target;
  return {
    from,
    change: {
      kind: "instance",
      address,
      name,
      container,
      server: client.server.name,
      project,
      action: generation === undefined ? "replace" : "update",
      method: generation !== undefined ? "in-place" : from === "rebuild" ? "rebuild" : "swap",
      differences: [
        generation === undefined
          ? { key: "image", before: now.config[label.rootfs] ?? "", after: rootfs, note: "the one before" }
          : rollbackDifference(now, generation),
      ],
      notes: notesOn(from, name),
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
  const outcome = await record.change(change.address, async () =>
    goBack(context, await withUnitsBefore(target), input),
  );
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
    ...defined({ seed: seedOf(instance) }),
    health,
  };
}

const byGeneration: WayBack = { from: "generation", rootfs: "" };

interface WayBack {
  readonly from: RollbackPlan["from"];
  /** Store path of what runs then. */
  readonly rootfs: string;
}

async function wayBack(
  target: Target,
  fleet: string,
  { previous }: InstanceObjects,
  now: ObservedInstance,
): Promise<WayBack> {
  if (now.config[label.previousImage] !== undefined)
    return { from: "rebuild", rootfs: (await previousImage(target, now)).properties[imageLabel.rootfs] ?? "" };
  if (previous !== undefined) return { from: "previous", rootfs: previous.config[label.rootfs] ?? "" };
  if (isInPlace(now.config)) throw noGeneration(now.name);
  return { from: "image", rootfs: (await olderImage(target, fleet, now)).properties[imageLabel.rootfs] ?? "" };
}

function notesOn(from: RollbackPlan["from"], name: string): string[] {
  switch (from) {
    case "previous":
      return [];
    case "generation":
      return ["Its system goes back; config, devices and what is on its disks stay"];
    case "image":
      return [`There is no "${physicalNames(name).previous}": a new instance is made from the image before`];
    case "rebuild":
      return ["Its root disk is made anew from the image before: what is on it is lost, volumes and mounts stay"];
  }
}

async function goBack(
  context: ApplyContext,
  target: Target,
  { to, systems }: Pick<RollbackInput, "to" | "systems">,
): Promise<Outcome> {
  const { current, previous } = await recoverInstance(context, target);
  if (current === undefined) throw nothingThere(target.name);
  const generation = generationBefore(current, to);
  if (generation !== undefined) return rollbackSystem(context, target, systems, generation);
  // The last change was a rebuild: the image it replaced is newer than any predecessor that is still kept.
  if (current.config[label.previousImage] !== undefined)
    return rebuildInstance(
      context,
      { ...target, health: previousHealth(current) ?? target.health },
      await renewalOf(context, target, current),
    );
  const successor: Successor =
    previous === undefined
      ? { kind: "new", body: await bodyFromOlderImage(context, target, current) }
      : { kind: "previous" };
  const health = (previous === undefined ? undefined : decodeHealth(previous.config)) ?? target.health;
  return swapInstance(context, { ...target, health }, successor, { start: false });
}

/** What it passed with the image that a rebuild replaced. */
function previousHealth({ config }: ObservedInstance): readonly HealthCheck[] | undefined {
  const text = config[label.previousHealth];
  return text === undefined ? undefined : decodeHealth({ [label.health]: text });
}

/** The same settings on the image before. */
async function renewalOf({ journal }: ApplyContext, target: Target, current: ObservedInstance): Promise<Renewal> {
  const image = await previousImage(target, current);
  return {
    fingerprint: image.fingerprint,
    start: false,
    change: (body) => body,
    commit: (body) => ({
      ...body,
      config: {
        ...unmark({ ...body, config: madeFrom(body.config, image) }).config,
        ...defined({ [label.health]: current.config[label.previousHealth] ?? current.config[label.health] }),
        [label.healthy]: "true",
        [label.apply]: journal.id,
      },
    }),
  };
}

async function previousImage({ client, project, name }: Target, current: ObservedInstance): Promise<IncusImage> {
  const fingerprint = current.config[label.previousImage] ?? "";
  const found = await client.getImage(project, fingerprint);
  if (found !== undefined) return found.value;
  throw new FloeError(
    `The image that "${name}" ran before (${fingerprint.slice(0, 12)}) is not on the server any more`,
    {
      hint: "Change the description back and run floe apply",
    },
  );
}

/** As the running one in everything but the image. */
async function bodyFromOlderImage(
  { fleet }: ApplyContext,
  target: Target,
  current: ObservedInstance,
): Promise<Omit<IncusInstancePost, "name">> {
  const { fingerprint, properties, type } = await olderImage(target, fleet, current);
  const own = Object.entries(current.config).filter(([key]) => !isKept(key));
  const labels = {
    [label.container]: current.config[label.container] ?? "",
    [label.applied]: current.config[label.applied] ?? "",
    [label.health]: current.config[label.health] ?? "",
    [label.rootfs]: properties[imageLabel.rootfs] ?? "",
    [label.metadata]: properties[imageLabel.metadata] ?? "",
  };
  return {
    type: type === "virtual-machine" ? type : "container",
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

function noGeneration(name: string): FloeError {
  return new FloeError(`There is nothing to roll "${name}" back to: it has only run one system`, {
    hint: "Change the description back and run floe apply; keep: 2 keeps a system to go back to",
  });
}

function nothingThere(name: string): FloeError {
  return new FloeError(`The instance "${name}" does not exist on its server`, { hint: "floe apply makes it" });
}
