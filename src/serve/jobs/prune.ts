/** Deleting images that nothing needs, as a job. */
import { FloeError } from "../../errors.ts";
import { readImages } from "../../list/read-images.ts";
import { openConnections, pruneImages } from "../../pipeline.ts";
import type { Serve } from "../context.ts";
import type { Job, PruneRequest } from "../protocol.ts";
import { badRequest } from "../refused.ts";

/** Only what the person saw, and only what nothing needs still. */
export function startPrune(serve: Serve, { images: chosen }: PruneRequest, user: string): Job {
  if (chosen.length === 0) throw badRequest("No image is named");
  const isChosen = (image: { readonly server: string; readonly fingerprint: string }): boolean =>
    chosen.some(({ server, fingerprint }) => server === image.server && fingerprint === image.fingerprint);
  const title = `prune ${chosen.length} ${chosen.length === 1 ? "image" : "images"}`;
  return serve.jobs.start({ kind: "prune", title, subjects: [], user, verb: "image prune" }, async (work) => {
    const fleet = serve.fleet();
    const found = await readImages(fleet, { signal: work.signal });
    const images = found.images.filter((image) => image.keptFor === null && isChosen(image));
    const connections = openConnections(fleet, work.signal);
    try {
      const request = { images, clients: await connections.clients, lock: work.lock };
      const failed = (await pruneImages(fleet, request, work)).filter(({ outcome }) => outcome === "failed");
      const [first] = failed;
      if (first !== undefined)
        throw new FloeError(`Cannot delete the image ${first.fingerprint.slice(0, 12)}: ${first.reason ?? ""}`);
    } finally {
      await connections.close();
      serve.refresh();
    }
  });
}
