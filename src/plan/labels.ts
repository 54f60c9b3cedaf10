/**
 * What floe writes on Incus objects, and the names an instance goes through. Nothing else is remembered between two runs:
 * whose an object is, and how far a change of it got, is read from here.
 *
 * Programs in the container can read `user.*` keys, so no value of the user's config is ever put into one.
 */
import type { StringMap } from "../incus/types.ts";

/** Config keys of instances and volumes. */
export const label = {
  fleet: "user.floe.fleet",
  /** The logical name, whatever the object is called at the moment. */
  instance: "user.floe.instance",
  container: "user.floe.container",
  role: "user.floe.role",
  /** Store paths of the image it was made from. */
  rootfs: "user.floe.rootfs",
  metadata: "user.floe.metadata",
  /** Hashes of what was last applied; see `applied.ts`. */
  applied: "user.floe.applied",
  /** The health checks it is to pass, as JSON: a predecessor that comes back is held to its own, not to its successor's. */
  health: "user.floe.health",
  /** `"true"` once its health was proved: the mark that commits a change. */
  healthy: "user.floe.healthy",
  /** The id of the apply that made it what it is. */
  apply: "user.floe.apply",
  /** `"true"` on what is stopped for a moment only and has to run again, whatever happens to floe. */
  resume: "user.floe.resume",
  /** What was taken off while another instance has its place; see `parking.ts`. */
  parked: "user.floe.parked",
  /**
   * `"previous"` on a successor that was the kept predecessor before: it is precious, an undo puts it back. `"rebuild"` on
   * one that stands in for an instance without a root disk: it gets the name.
   */
  origin: "user.floe.origin",
  /** What a config change that is not yet proved replaced; see `pending.ts`. */
  pending: "user.floe.pending",
  /** The root disk may be neither the old nor the new one; see `rebuilding.ts`. */
  rebuilding: "user.floe.rebuilding",
  /** The fingerprint of the image that the last rebuild replaced: a rollback rebuilds from it. */
  previousImage: "user.floe.previous-image",
  /** The health checks that were passed with that image. */
  previousHealth: "user.floe.previous-health",
  /** Updated in place: the store path of the system that runs and that it boots. */
  system: "user.floe.system",
  /** The system that it is being switched to; see `generations.ts`. */
  systemNext: "user.floe.system-next",
  /** The systems that are kept, as JSON, oldest first; the last is `system`. */
  generations: "user.floe.generations",
} as const;

export type Role = "current" | "next" | "outgoing" | "previous" | "failed" | "kept";

/** Properties of images: Incus keeps them without `user.`. */
export const imageLabel = {
  fleet: "floe.fleet",
  container: "floe.container",
  rootfs: "floe.rootfs",
  metadata: "floe.metadata",
  /** The project's git commit when it was built. */
  revision: "floe.revision",
} as const;

/** The names that belong to a logical instance. */
export const physicalNames = (name: string) => ({
  current: name,
  next: `${name}-next`,
  outgoing: `${name}-outgoing`,
  previous: `${name}-previous`,
  failed: `${name}-failed`,
});
export type Place = keyof ReturnType<typeof physicalNames>;
export const places: readonly Place[] = ["current", "next", "outgoing", "previous", "failed"];

/** True for an object that this fleet made for this instance. */
export function isOurs(config: StringMap, fleet: string, instance: string): boolean {
  return config[label.fleet] === fleet && config[label.instance] === instance;
}

/** Keys that Incus or floe keeps on an instance, not the user. */
export function isKept(key: string): boolean {
  return key.startsWith("volatile.") || key.startsWith("image.") || key.startsWith("user.floe.");
}

/** The description of an alias that belongs to a fleet. */
export function aliasDescription(fleet: string): string {
  return `${aliasMark}${fleet}`;
}

/** The fleet of an alias with this description; undefined where floe did not make it. */
export function fleetOfAlias(description: string): string | undefined {
  return description.startsWith(aliasMark) ? description.slice(aliasMark.length) : undefined;
}

const aliasMark = "floe:";

/** `SERVER/PROJECT/NAME` */
export function instanceAddress({
  server,
  project,
  name,
}: {
  readonly server: string;
  readonly project: string;
  readonly name: string;
}): string {
  return `${server}/${project}/${name}`;
}
export function imageAddress({
  server,
  project,
  container,
}: {
  readonly server: string;
  readonly project: string;
  readonly container: string;
}): string {
  return `${server}/${project}/image:${container}`;
}
export function volumeAddress(volume: {
  readonly server: string;
  readonly project: string;
  readonly pool: string;
  readonly name: string;
}): string {
  return `${volume.server}/${volume.project}/volume:${volume.pool}/${volume.name}`;
}
export function profileAddress({
  server,
  project,
  name,
}: {
  readonly server: string;
  readonly project: string;
  readonly name: string;
}): string {
  return `${server}/${project}/profile:${name}`;
}
