/** Puts together what the project describes and what the servers say. Pure. */
import type { IncusImage, IncusInstance, StringMap } from "../incus/types.ts";
import type { Evaluation } from "../model/evaluation.ts";
import { type Fleet, type Instance, instancesOf } from "../model/fleet.ts";
import { desiredImage } from "../plan/desired.ts";
import { label, physicalNames } from "../plan/labels.ts";
import { groupOf } from "../plan/objects.ts";
import { statusOf, toObserved } from "../plan/observed.ts";
import { isProved, nextRecoveryStep } from "../plan/recovery.ts";
import type { FleetList, ListedInstance } from "./fleet-list.ts";

/** What one server answered. */
export type ServerAnswer =
  | { readonly ok: true; readonly instances: readonly IncusInstance[]; readonly images?: readonly IncusImage[] }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

/** `evaluation` is one that was made before, if there is one for the project as it is now. */
export function listFleet(
  fleet: Fleet,
  answers: Readonly<Record<string, ServerAnswer>>,
  evaluation: Evaluation | undefined,
): FleetList {
  const places = new Map(Object.entries(answers).map(([server, answer]) => [server, placesOf(answer)]));
  return {
    fleet: fleet.name,
    hosts: Object.values(fleet.hosts).map(({ name, system, target, tags }) => ({
      name,
      system,
      target: target ?? null,
      tags,
    })),
    containers: Object.values(fleet.containers).map(({ name, system, tags, instances }) => ({
      name,
      system,
      tags,
      instances: Object.keys(instances),
    })),
    instances: instancesOf(fleet).map((instance) =>
      listInstance(
        { fleet, evaluation, answer: answers[instance.server], places: places.get(instance.server) },
        instance,
      ),
    ),
    problems: Object.entries(answers).flatMap(([server, answer]) =>
      answer.ok
        ? []
        : [
            {
              subject: `server ${server}`,
              message: answer.message,
              ...(answer.hint === undefined ? {} : { hint: answer.hint }),
            },
          ],
    ),
  };
}

// --- internal ---

/** What an instance is looked up in. */
interface Found {
  readonly fleet: Fleet;
  readonly evaluation: Evaluation | undefined;
  readonly answer: ServerAnswer | undefined;
  /** The instances of its server by `PROJECT/NAME`. */
  readonly places: ReadonlyMap<string, IncusInstance> | undefined;
}

function placesOf(answer: ServerAnswer): ReadonlyMap<string, IncusInstance> {
  return new Map(answer.ok ? answer.instances.map((one) => [`${one.project}/${one.name}`, one]) : []);
}

function listInstance({ fleet, evaluation, answer, places }: Found, instance: Instance): ListedInstance {
  const { name, container, server, project, ports, health } = instance;
  const found = (place: string): IncusInstance | undefined => places?.get(`${project}/${place}`);
  const current = found(name);
  const own = current !== undefined && isOwn(current, fleet, instance) ? current : undefined;
  const rootfs = own?.config[label.rootfs] ?? null;
  const previous = found(physicalNames(name).previous);
  const around = Object.values(physicalNames(name)).flatMap((place) => found(place) ?? []);
  const isInterrupted = answer?.ok === true && wasInterrupted(fleet, instance, around);
  return {
    name,
    container,
    server,
    project,
    state:
      answer?.ok !== true
        ? "unknown"
        : current === undefined
          ? isInterrupted
            ? "interrupted"
            : "absent"
          : own === undefined
            ? "foreign"
            : statusOf(own.status_code),
    isInterrupted,
    addresses: own === undefined ? [] : addressesOf(own),
    ports,
    rootfs,
    since: own?.created_at ?? null,
    image: imageOf(own, answer),
    isHealthy: own === undefined || health.length === 0 ? null : own.config[label.healthy] === "true",
    isUpdateAvailable: isUpdateAvailable(evaluation, instance, own?.config),
    hasPrevious: previous !== undefined && isOwn(previous, fleet, instance),
  };
}

/** By the same marks as the plan. `around`: what stands under one of its names. */
function wasInterrupted(fleet: Fleet, instance: Instance, around: readonly IncusInstance[]): boolean {
  const { objects } = groupOf(around.map(toObserved), fleet.name, instance.project, instance.name);
  const { current } = objects;
  return nextRecoveryStep(objects, instance) !== undefined || (current !== undefined && !isProved(current));
}

function isOwn(found: IncusInstance, fleet: Fleet, instance: Instance): boolean {
  return found.config[label.fleet] === fleet.name && found.config[label.instance] === instance.name;
}

function imageOf(own: IncusInstance | undefined, answer: ServerAnswer | undefined): ListedInstance["image"] {
  const fingerprint = own?.config["volatile.base_image"];
  if (fingerprint === undefined) return null;
  const images = answer?.ok === true ? (answer.images ?? []) : [];
  const found = images.find((image) => image.fingerprint === fingerprint);
  return { fingerprint, importedAt: found?.uploaded_at ?? null };
}

function addressesOf({ state }: IncusInstance): string[] {
  const interfaces = Object.entries(state?.network ?? {}).filter(([name]) => name !== "lo");
  return interfaces.flatMap(([, { addresses }]) =>
    addresses.filter(({ scope }) => scope === "global").map(({ address }) => address),
  );
}

function isUpdateAvailable(
  evaluation: Evaluation | undefined,
  instance: Instance,
  config: StringMap | undefined,
): boolean | null {
  const image = evaluation && desiredImage(evaluation, instance);
  if (image === undefined || config === undefined) return null;
  return image.system === undefined ? image.rootfs !== config[label.rootfs] : image.system !== config[label.system];
}
