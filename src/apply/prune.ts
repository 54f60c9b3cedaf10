/** Old images go when nothing needs them; Incus itself deletes no image that was sent to it. */
import type { IncusClient, IncusImage, IncusInstance } from "../incus/types.ts";
import { aliasDescription, imageLabel, label } from "../plan/labels.ts";
import { listWholeInstances } from "../plan/list-instances.ts";
import { imagesNeeded } from "../plan/rebuilding.ts";
import { type ApplyContext, messageOf, step } from "./context.ts";

export interface PruneTarget {
  readonly client: IncusClient;
  /** For the events: the address of the image. */
  readonly address: string;
  readonly project: string;
  readonly container: string;
  /** The newest so many stay. */
  readonly keep: number;
}

/** An image that cannot be deleted is no reason to fail: it is a warning. */
export async function pruneImages(context: ApplyContext, target: PruneTarget): Promise<void> {
  const { client, project, address } = target;
  try {
    const [images, instances] = await Promise.all([client.listImages(project), listWholeInstances(client)]);
    for (const { fingerprint } of superfluousImages(images, instances, { ...target, fleet: context.fleet })) {
      await step(context, address, "delete", () => client.deleteImage(project, fingerprint), fingerprint.slice(0, 12));
    }
  } catch (error) {
    context.emit({
      type: "message",
      level: "warning",
      text: `Old images of "${target.container}" could not be deleted: ${messageOf(error)}`,
    });
  }
}

export interface PruneRule {
  readonly fleet: string;
  readonly container: string;
  readonly keep: number;
}

/**
 * The fleet's images of a container that are not among the newest, that no instance of any project was made from or goes
 * back to, and that no foreign alias names. `uploaded_at` tells their age: Nix dates every image to 1970.
 */
export function superfluousImages(
  images: readonly Pick<IncusImage, "fingerprint" | "properties" | "aliases" | "uploaded_at">[],
  instances: readonly Pick<IncusInstance, "config">[],
  { fleet, container, keep }: PruneRule,
): { readonly fingerprint: string }[] {
  const own = images
    .filter(
      ({ properties }) => properties[imageLabel.fleet] === fleet && properties[imageLabel.container] === container,
    )
    .sort((a, b) => (a.uploaded_at < b.uploaded_at ? 1 : -1));
  const needed = new Set(instances.flatMap(({ config }) => imagesNeeded(config)));
  const sources = new Set(
    instances.filter(({ config }) => config[label.fleet] === fleet).map(({ config }) => config[label.rootfs]),
  );
  return own.slice(keep).filter((image) => {
    const isUsed = needed.has(image.fingerprint) || sources.has(image.properties[imageLabel.rootfs]);
    return (
      !isUsed &&
      image.aliases.every(({ name, description }) => name === container && description === aliasDescription(fleet))
    );
  });
}
