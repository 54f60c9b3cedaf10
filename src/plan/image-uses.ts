/** What the images on a server are good for, and which of the fleet's nothing needs any more. Pure. */
import type { IncusImage, IncusInstance } from "../incus/types.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import { aliasDescription, imageLabel, label } from "./labels.ts";
import { imagesNeeded } from "./rebuilding.ts";

export interface ImageUse {
  readonly server: string;
  readonly project: string;
  /** 64 hex digits. */
  readonly fingerprint: string;
  /** The fleet that sent it; null for one that is not floe's. */
  readonly fleet: string | null;
  readonly container: string | null;
  readonly description: string;
  readonly aliases: readonly string[];
  readonly bytes: number;
  /** ISO 8601. */
  readonly importedAt: string;
  /** The project's git commit when it was built, with `-dirty` where something was not committed; null where that is not known. */
  readonly revision: string | null;
  /** Instances that were made from it: `web-1`, or `PROJECT/web-1` in another project. */
  readonly usedBy: readonly string[];
  /** Why it stays; null: nothing needs it. Images that are not this fleet's always stay. */
  readonly keptFor: string | null;
}

export interface ImageWorld {
  readonly fleet: Fleet;
  readonly server: string;
  /** Of every project that the client may see. */
  readonly images: readonly IncusImage[];
  readonly instances: readonly Pick<IncusInstance, "name" | "project" | "config">[];
  /** The newest of each container that stay; absent: as many as its instances keep. */
  readonly keep?: number;
}

/** Every image of the server: by container, the newest first. */
export function imageUses(world: ImageWorld): ImageUse[] {
  const sorted = [...world.images].sort((a, b) => (a.uploaded_at < b.uploaded_at ? 1 : -1));
  const seen = new Map<string, number>();
  const uses = sorted.map((image): ImageUse => {
    const { properties } = image;
    const project = image.project ?? "default";
    const place = [project, properties[imageLabel.fleet], properties[imageLabel.container]].join("/");
    const newer = seen.get(place) ?? 0;
    seen.set(place, newer + 1);
    const usedBy = usersOf(world, image, project);
    return {
      server: world.server,
      project,
      fingerprint: image.fingerprint,
      fleet: properties[imageLabel.fleet] ?? null,
      container: properties[imageLabel.container] ?? null,
      description: properties["description"] ?? "",
      aliases: image.aliases.map(({ name }) => name),
      bytes: image.size,
      importedAt: image.uploaded_at,
      revision: properties[imageLabel.revision] ?? null,
      usedBy,
      keptFor: reasonToKeep(world, image, { project, usedBy, newer }),
    };
  });
  const key = ({ project, container, description }: ImageUse): string => `${project}/${container ?? `~${description}`}`;
  return uses.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

// --- internal ---

function usersOf({ instances }: ImageWorld, image: IncusImage, project: string): string[] {
  return instances
    .filter(({ config }) => config["volatile.base_image"] === image.fingerprint)
    .map((instance) => (instance.project === project ? instance.name : `${instance.project}/${instance.name}`))
    .sort();
}

interface Standing {
  readonly project: string;
  readonly usedBy: readonly string[];
  /** Images of the same container that came later. */
  readonly newer: number;
}

function reasonToKeep(world: ImageWorld, image: IncusImage, { project, usedBy, newer }: Standing): string | null {
  const { fleet, instances } = world;
  const { properties, fingerprint } = image;
  const container = properties[imageLabel.container];
  if (properties[imageLabel.fleet] !== fleet.name || container === undefined) return "it is not this fleet's";
  if (usedBy.length > 0) return `used by ${usedBy.join(", ")}`;
  const waiting = instances.find(({ config }) =>
    isNeeded(config, fleet.name, fingerprint, properties[imageLabel.rootfs]),
  );
  if (waiting !== undefined) return `${waiting.name} can go back to it`;
  const isDescribed = Object.hasOwn(fleet.containers, container);
  const own = (name: string, description: string): boolean =>
    name === container && description === aliasDescription(fleet.name);
  const alias = image.aliases.find(({ name, description }) => isDescribed || !own(name, description));
  if (alias !== undefined) return `the alias ${alias.name} names it`;
  const keep = world.keep ?? keepOf(world, container, project);
  if (newer >= keep) return null;
  return keep === 1 ? `the newest of ${container}` : `one of the newest ${keep} of ${container}`;
}

/** The store path as well: an image that was sent again after it was deleted has the same one. */
function isNeeded(
  config: Readonly<Record<string, string>>,
  fleet: string,
  fingerprint: string,
  rootfs: string | undefined,
): boolean {
  if (imagesNeeded(config).includes(fingerprint)) return true;
  return config[label.fleet] === fleet && rootfs !== undefined && config[label.rootfs] === rootfs;
}

/** Nothing of a container that is no longer described. */
function keepOf({ fleet, server }: ImageWorld, container: string, project: string): number {
  if (!Object.hasOwn(fleet.containers, container)) return 0;
  const users = instancesOf(fleet).filter(
    (instance) => instance.container === container && instance.server === server && instance.project === project,
  );
  return Math.max(1, ...users.map(({ keep }) => keep));
}
