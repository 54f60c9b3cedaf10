/** `floe image prune`: deletes the images that nothing needs, after looking once more right before. */
import type { ImageUse } from "../plan/image-uses.ts";
import { imageAddress } from "../plan/labels.ts";
import { type ImageQuestion, readImageUses } from "../plan/read-image-uses.ts";
import type { Emit } from "../report/events.ts";
import type { Journal } from "../state/journal.ts";
import { type ApplyContext, messageOf, step } from "./context.ts";

/** What became of one image. */
export interface PrunedImage extends ImageUse {
  readonly outcome: "deleted" | "kept" | "failed";
  /** Why it was kept or could not be deleted. */
  readonly reason?: string;
}

/** Deletes those of `chosen` that nothing needs even now. A failure is a result. */
export async function pruneServer(
  pruning: ImageQuestion,
  chosen: readonly ImageUse[],
  { emit, journal }: { readonly emit: Emit; readonly journal: Journal },
): Promise<PrunedImage[]> {
  const { fleet, client, signal } = pruning;
  const context: ApplyContext = { fleet: fleet.name, journal, emit, signal };
  const now = await readImageUses(pruning);
  const results: PrunedImage[] = [];
  for (const image of chosen) {
    const found = now.find(
      ({ project, fingerprint }) => project === image.project && fingerprint === image.fingerprint,
    );
    const obstacle = signal.aborted ? "floe was stopped" : found === undefined ? "it is gone already" : found.keptFor;
    if (obstacle !== null) {
      results.push({ ...image, outcome: "kept", reason: obstacle });
      continue;
    }
    const address = imageAddress({ ...image, container: image.container ?? "" });
    const remove = (): Promise<void> => client.deleteImage(image.project, image.fingerprint);
    try {
      await step(context, address, "delete", remove, image.fingerprint.slice(0, 12));
      results.push({ ...image, outcome: "deleted" });
    } catch (error) {
      results.push({ ...image, outcome: "failed", reason: messageOf(error) });
    }
  }
  return results;
}
