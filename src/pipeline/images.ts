/** image prune: images on the servers that nothing needs any more. */
import type { PrunedImage } from "../apply/prune-images.ts";
import { FloeError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import type { ImageUse } from "../plan/image-uses.ts";
import { openJournal } from "../state/journal.ts";
import { defined } from "../util/defined.ts";
import type { ApplyRequest } from "./apply.ts";
import type { Work } from "./work.ts";

/** What `pruneImages` is given. */
export interface PruneRequest extends Pick<ApplyRequest, "clients" | "lock"> {
  readonly images: readonly ImageUse[];
  /** As it was when they were found to be of no use. */
  readonly keep?: number;
}

/** Deletes images, after looking once more whether nothing needs them; a failure is a result. */
export async function pruneImages(
  fleet: Fleet,
  { images, keep, clients, lock }: PruneRequest,
  work: Work,
): Promise<PrunedImage[]> {
  const { pruneServer } = await import("../apply/prune-images.ts");
  const journal = openJournal(lock, "image prune", fleet.name);
  const results: PrunedImage[] = [];
  for (const [server, client] of Object.entries(clients)) {
    const chosen = images.filter((image) => image.server === server);
    if (chosen.length === 0 || client instanceof FloeError) continue;
    const question = { fleet, client, signal: work.signal, ...defined({ keep }) };
    results.push(...(await pruneServer(question, chosen, { emit: work.emit, journal })));
  }
  journal.end(results.some(({ outcome }) => outcome === "failed") ? 1 : 0);
  return results;
}
