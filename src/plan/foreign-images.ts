/** Images that floe does not build: on the server already, or copied to it from another. Pure. */
import type { ForeignImage, Instance } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { DesiredImage } from "./desired.ts";
import type { ObservedImage, ObservedProject } from "./observed.ts";

/**
 * What an image that floe does not build is known by, in the place of store paths. One of the server's own is known by its fingerprint, so
 * that an alias that moves is another image. A copied one is known by where it comes from: it is resolved when it is copied, and stays.
 */
export function foreignImage(
  image: ForeignImage,
  { type = "container" }: Pick<Instance, "type">,
  fingerprint: string | undefined,
): DesiredImage {
  const name =
    image.server === undefined
      ? `image:${fingerprint ?? image.fingerprint ?? image.alias ?? "?"}`
      : `${type}:${describeForeign(image)}`;
  const here = image.server === undefined ? fingerprint : undefined;
  return { rootfs: name, metadata: name, foreign: defined({ ...image, type, here }) };
}

/** `debian/12 of https://images.linuxcontainers.org`, or the name on the server itself. */
export function describeForeign({ alias, fingerprint, server }: ForeignImage): string {
  const name = alias ?? fingerprint?.slice(0, 12) ?? "?";
  return server === undefined ? name : `${name} of ${server}`;
}

/** The image on the server itself; undefined where there is none, or it is to be copied. */
export function findForeign(
  { alias, fingerprint, server }: ForeignImage,
  project: Pick<ObservedProject, "images"> | undefined,
): ObservedImage | undefined {
  if (server !== undefined) return undefined;
  return project?.images.find((image) =>
    fingerprint === undefined
      ? image.aliases.some(({ name }) => name === alias)
      : image.fingerprint.startsWith(fingerprint),
  );
}
