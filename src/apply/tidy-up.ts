import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { ImageChange } from "../model/plan.ts";
import { imageAddress } from "../plan/labels.ts";
import { requireClient } from "./clients.ts";
import { done, messageOf, type Outcome } from "./context.ts";
import { moveAlias } from "./images.ts";
import { deleteProfiles } from "./profiles.ts";
import { pruneImages } from "./prune.ts";
import type { Recorder } from "./recorder.ts";
import { removeInstance } from "./remove.ts";
import { imageChanges, instanceChanges, type Run, targetOf } from "./run.ts";

/** What is left when every instance is where it should be: nothing here can harm what runs. */
export async function tidyUp(run: Run): Promise<void> {
  const { plan, context, record, input } = run;
  if (context.signal.aborted) return skipRest(record);
  for (const image of imageChanges(plan)) if (image.foreign?.here === undefined) await settleAlias(run, image);
  for (const change of instanceChanges(plan)) {
    if (change.method === "delete" && !context.signal.aborted)
      await record.change(change.address, () => removeInstance(context, targetOf(input, change), input.systems));
  }
  await deleteProfiles(run);
  for (const target of pruneTargets(run)) if (!context.signal.aborted) await pruneImages(context, target);
  skipRest(record);
}

/** Whatever has no outcome by now was not begun. */
export function skipRest(record: Recorder): void {
  for (const { address, outcome } of record.report().changes)
    if (outcome === undefined) record.settle(address, { outcome: "skipped", error: "Stopped before it was its turn" });
}

// --- internal ---

/** The alias follows when all planned instances of the image on this server run it. */
async function settleAlias({ plan, input, context, record, fingerprints }: Run, image: ImageChange): Promise<void> {
  const users = instanceChanges(plan).filter((change) => imageAddress(change) === image.address);
  const isTouched = image.action !== "none" || users.some(({ action }) => action !== "none");
  const fingerprint = fingerprints.get(image.address);
  if (!isTouched) return;
  const isSettled = users.every(({ address, action }) => action === "none" || record.outcomeOf(address) === "done");
  const only = image.action === "update";
  if (fingerprint === undefined || !isSettled) {
    if (only)
      record.settle(image.address, { outcome: "skipped", error: "Not all instances of the image are up to date" });
    return;
  }
  const move = async (): Promise<Outcome> => {
    await moveAlias(context, requireClient(input.clients, image.server), image, fingerprint);
    return done;
  };
  if (only) await record.change(image.address, move);
  else
    await move().catch((error: unknown) =>
      record.emit({
        type: "message",
        level: "warning",
        text: `The alias "${image.container}" could not be moved: ${messageOf(error)}`,
      }),
    );
}

function pruneTargets({ plan, input, record }: Run): Parameters<typeof pruneImages>[1][] {
  const described = imageChanges(plan).filter((image) => {
    const users = instanceChanges(plan).filter((change) => imageAddress(change) === image.address);
    return [image.address, ...users.map(({ address }) => address)].some(
      (address) => record.outcomeOf(address) === "done",
    );
  });
  const containers = new Set(Object.keys(input.fleet.containers));
  const removed = instanceChanges(plan).filter(
    ({ method, container, address }) =>
      method === "delete" && !containers.has(container) && record.outcomeOf(address) === "done",
  );
  const targets = [
    ...described.map((image) => ({ ...image, keep: keepOf(input.fleet, image) })),
    ...removed.map((change) => ({ ...change, address: imageAddress(change), keep: 0 })),
  ];
  return [...new Map(targets.map((target) => [target.address, target])).values()].map(
    ({ address, server, project, container, keep }) => ({
      client: requireClient(input.clients, server),
      address,
      project,
      container,
      keep,
    }),
  );
}

function keepOf(fleet: Fleet, { container, server, project }: ImageChange): number {
  const users = instancesOf(fleet).filter(
    (instance) => instance.container === container && instance.server === server && instance.project === project,
  );
  return Math.max(1, ...users.map(({ keep }) => keep));
}
