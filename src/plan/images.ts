/** Which image on a server is the one wanted. Pure. */
import type { DesiredImage } from "./desired.ts";
import { imageLabel, label } from "./labels.ts";
import type { ObservedImage, ObservedServer } from "./observed.ts";

export interface WantedImage {
  readonly fleet: string;
  readonly project: string;
  readonly container: string;
  readonly image: DesiredImage;
}

/**
 * By its properties; else by an instance that was made from these store paths. Two containers may come to the same bytes,
 * and the one image there is can only carry the properties of one.
 */
export function imageIn(
  server: ObservedServer,
  { fleet, project, container, image }: WantedImage,
): ObservedImage | undefined {
  const images = server.projects[project]?.images ?? [];
  const { foreign } = image;
  if (foreign !== undefined && foreign.server === undefined)
    return images.find(({ fingerprint }) => fingerprint === foreign.here);
  const labelled = images.find(
    ({ properties }) => properties[imageLabel.fleet] === fleet && isMadeFrom(properties, image),
  );
  if (labelled !== undefined) return labelled;
  const user = server.instances.find(
    ({ project: place, config }) =>
      place === project &&
      config[label.fleet] === fleet &&
      config[label.container] === container &&
      // Its labels are of the old image, its root may be of the new one.
      config[label.rebuilding] === undefined &&
      config[label.rootfs] === image.rootfs &&
      config[label.metadata] === image.metadata,
  );
  return images.find(({ fingerprint }) => fingerprint === user?.config["volatile.base_image"]);
}

function isMadeFrom(properties: Readonly<Record<string, string>>, image: DesiredImage): boolean {
  return properties[imageLabel.rootfs] === image.rootfs && properties[imageLabel.metadata] === image.metadata;
}
