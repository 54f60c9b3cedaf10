/** build: what is missing in the store. */
import { join } from "node:path";
import type { BuiltImage } from "../apply/images.ts";
import type { Derivation, Evaluation, ImageDerivations } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { BuildOutcome, BuildRequest } from "../nix/build.ts";
import { imageFile } from "../nix/image-file.ts";
import { defined } from "../util/defined.ts";
import { nixOf } from "./nix-of.ts";
import type { Work } from "./work.ts";

/** build: what is missing in the store; a failure is an outcome. @throws CancelledError */
export async function build(fleet: Fleet, derivations: readonly BuildRequest[], work: Work): Promise<BuildOutcome[]> {
  const { buildDerivations } = await import("../nix/build.ts");
  const nix = await nixOf(fleet);
  return buildDerivations({
    nix,
    derivations,
    rootsDir: join(fleet.root, ".floe", "roots"),
    builders: fleet.builders ?? [],
    keepGoing: true,
    ...work,
  });
}

/** Both parts of each container's image, in one build. */
export async function buildImages(
  fleet: Fleet,
  { images }: Evaluation,
  containers: readonly string[],
  work: Work,
): Promise<Record<string, BuiltImage>> {
  const requests = containers.flatMap((name) => {
    const image = images[name];
    return image?.ok === true
      ? [
          { name, ...rootOf(image.value) },
          { name: `${name}-metadata`, ...image.value.metadata },
        ]
      : [];
  });
  const [built, revision] = await Promise.all([
    build(fleet, requests, work),
    import("../nix/revision.ts").then(({ revisionOf }) => revisionOf(fleet.root, work.signal)),
  ]);
  const outcomes = new Map(built.map((outcome) => [outcome.name, outcome]));
  return Object.fromEntries(
    containers.map((name) => {
      const image = builtImage(outcomes.get(name), outcomes.get(`${name}-metadata`));
      return [name, image.ok ? { ...image, ...defined({ revision }) } : image];
    }),
  );
}

// --- internal ---

/** The root of an instance that is updated in place is another one: all instances of a container are of one kind. */
function rootOf({ rootfs, inPlace }: ImageDerivations): Derivation {
  return inPlace?.root ?? rootfs;
}

function builtImage(rootfs: BuildOutcome | undefined, metadata: BuildOutcome | undefined): BuiltImage {
  const failed = [rootfs, metadata].find((outcome) => outcome?.ok === false);
  if (failed?.ok === false)
    return {
      ok: false,
      error: failed.error.message,
      ...(failed.error.hint === undefined ? {} : { hint: failed.error.hint }),
    };
  if (rootfs === undefined || metadata === undefined) return { ok: false, error: "It was not evaluated" };
  return { ok: true, rootfsPath: imageFile(rootfs.outPath), metadataPath: imageFile(metadata.outPath) };
}
