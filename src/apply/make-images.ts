import { FloeError } from "../errors.ts";
import type { ForeignSource, ImageChange } from "../model/plan.ts";
import { requireClient } from "./clients.ts";
import { done, step } from "./context.ts";
import { copyImage } from "./copy-image.ts";
import { type BuildImages, type ImageFiles, sendImage } from "./images.ts";
import { imageChanges, type Run } from "./run.ts";

/** Builds what no server has, all at once, and sends it where it is missing; has the server copy what is not built. */
export async function makeImages(run: Run): Promise<void> {
  const { plan, input, context, record, fingerprints } = run;
  const images = imageChanges(plan);
  for (const { address, fingerprint } of images) if (fingerprint !== undefined) fingerprints.set(address, fingerprint);
  const missing = images.filter(({ action }) => action === "create");
  if (missing.length === 0 || context.signal.aborted) return;
  const [copied, own] = [missing.filter(isForeign), missing.filter((change) => !isForeign(change))];
  const containers = [...new Set(own.map(({ container }) => container))];
  const built =
    containers.length === 0 ? {} : await input.build(containers, { signal: context.signal, emit: record.emit });
  if (context.signal.aborted) return;
  record.emit({ type: "phase.start", phase: "upload", count: missing.length });
  for (const container of containers) {
    await sendToServers(
      run,
      own.filter((change) => change.container === container),
      built[container],
    );
  }
  for (const change of copied) {
    await record.change(change.address, async () => {
      const client = requireClient(input.clients, change.server);
      fingerprints.set(change.address, await copyImage(context, client, change));
      return done;
    });
  }
  record.emit({
    type: "phase.end",
    phase: "upload",
    ok: missing.every(({ address }) => record.outcomeOf(address) === "done"),
  });
}

// --- internal ---

function isForeign(change: ImageChange): change is ImageChange & { readonly foreign: ForeignSource } {
  return change.foreign !== undefined;
}

/** Hashed once, sent to each server. */
async function sendToServers(
  { input, context, record, fingerprints }: Run,
  changes: readonly ImageChange[],
  built: Awaited<ReturnType<BuildImages>>[string] | undefined,
): Promise<void> {
  let files: (ImageFiles & { readonly fingerprint: string }) | undefined;
  for (const change of changes) {
    await record.change(change.address, async () => {
      if (built === undefined) throw new FloeError(`The image of "${change.container}" was not built`);
      if (!built.ok)
        return { outcome: "undone", error: built.error, ...(built.hint === undefined ? {} : { hint: built.hint }) };
      files ??= {
        ...built,
        fingerprint: await step(context, change.address, "hash", () => input.hash(built, { signal: context.signal })),
      };
      const outcome = await sendImage(
        context,
        requireClient(input.clients, change.server),
        change,
        files,
        files.fingerprint,
      );
      fingerprints.set(change.address, files.fingerprint);
      return outcome;
    });
  }
}
