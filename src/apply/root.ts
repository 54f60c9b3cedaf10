/** The root disk of an instance made anew from an image. Incus deletes the old one first. */
import { FloeError, IncusError } from "../errors.ts";
import type { IncusImage, StringMap } from "../incus/types.ts";
import { imageLabel, label, physicalNames } from "../plan/labels.ts";
import { park, unpark } from "../plan/parking.ts";
import { readRebuilding, withoutRebuilding } from "../plan/rebuilding.ts";
import type { ApplyContext, Target } from "./context.ts";
import { editInstance } from "./edit.ts";
import { giveKeepsakesBack, type Keepsake, onNewRoot, readLastKeepsakes } from "./keepsakes.ts";
import { readInstance } from "./objects.ts";
import { renameInstance, stopInstance, whenFree } from "./power.ts";
import { writeSeed } from "./seed.ts";

/** One that did not prove itself gets no more than this to stop cleanly. */
const failedStopMs = 10_000;

/** Of a stopped instance. @throws IncusError; then it may have no root disk at all */
export async function renewRoot(target: Target, fingerprint: string): Promise<void> {
  await rebuildRoot(target, fingerprint);
  await onNewRoot(() => writeSeed(target, target.name));
}

/**
 * Ends a rebuild that was not proved: a root disk of the image that ran, or, where that is gone from the server, of the one
 * that was meant to. Where both are gone the instance is left for the next plan, which rebuilds it from what it has built.
 * @throws FloeError in that case; IncusError
 */
export async function restoreRoot(
  context: ApplyContext,
  target: Target,
  keepsakes?: readonly Keepsake[],
): Promise<void> {
  const { client, project, name } = target;
  const found = await readInstance(client, project, name);
  const meant = found && readRebuilding(found.config);
  if (meant === undefined) return;
  const before = meant.from === undefined ? undefined : await client.getImage(project, meant.from);
  const image = before ?? (meant.to === "" ? undefined : await client.getImage(project, meant.to));
  if (image === undefined) {
    await editInstance(client, project, name, (body) => ({ ...body, config: rootless(body.config) }));
    throw new FloeError(`"${name}" has no root disk: the images it could be made from are not on the server any more`, {
      hint: `Run "floe apply" again: it rebuilds it from a new image. If that fails too, delete it, and "floe apply" makes it anew: incus delete ${name}`,
    });
  }
  const kept = keepsakes ?? (await readLastKeepsakes(context, target, name));
  const again = async (): Promise<void> => {
    await stopInstance(target, name, context.emit, failedStopMs);
    await rebuildRoot(target, image.value.fingerprint);
  };
  // Once more, for somebody may have started it in between.
  await again()
    .catch(again)
    .catch((error: unknown) => standIn(target, image.value.fingerprint, error));
  await onNewRoot(() => writeSeed(target, name));
  await giveKeepsakesBack(context, target, name, kept);
  await editInstance(client, project, name, (body) => {
    const config = withoutRebuilding(body.config);
    return { ...body, config: before === undefined ? madeFrom(config, image.value) : config };
  });
}

async function rebuildRoot({ client, project, name }: Target, fingerprint: string): Promise<void> {
  const path = `/1.0/instances/${encodeURIComponent(name)}/rebuild?${new URLSearchParams({ project })}`;
  await whenFree(() => client.request("POST", path, { source: { type: "image", fingerprint } }));
}

/**
 * After a rebuild that failed in the middle Incus knows of no root disk any more, and then can neither rebuild, rename nor
 * edit the instance, only delete it. So another is made like it, and takes its name: with the same settings and
 * addresses. Recovery finishes this from wherever it ends.
 */
async function standIn(target: Target, fingerprint: string, cause: unknown): Promise<void> {
  const { client, project, name } = target;
  const found = await readInstance(client, project, name);
  // No answer is no failure of the rebuild.
  const instance = await client.getInstance(project, name);
  if (found === undefined || instance === undefined || !(cause instanceof IncusError) || cause.status === 0)
    throw cause;
  const { next } = physicalNames(name);
  const { description, profiles, devices } = found;
  const config = { ...own(withoutRebuilding(found.config)), [label.origin]: "rebuild" };
  await client.deleteInstance(project, next);
  await client.createInstance(project, {
    ...park({ config, devices }, "next"),
    name: next,
    type: instance.value.type,
    description,
    profiles,
    source: { type: "image", fingerprint },
    start: false,
  });
  await client.deleteInstance(project, name);
  await renameInstance({ client, project }, next, name);
  await editInstance(client, project, name, (body) => unpark(body, "current"));
  await writeSeed(target, name);
}

/** Without what Incus keeps of the very instance or its image; its addresses are not of that kind. */
function own(config: StringMap): StringMap {
  return Object.fromEntries(
    Object.entries(config).filter(([key]) => !/^(volatile|image)\./.test(key) || /^volatile\..+\.hwaddr$/.test(key)),
  );
}

/** What is written on an instance whose root is another image's, and not proved. */
export function madeFrom(
  { [label.healthy]: _, ...config }: Readonly<Record<string, string>>,
  { properties }: Pick<IncusImage, "properties">,
): Record<string, string> {
  return {
    ...config,
    [label.rootfs]: properties[imageLabel.rootfs] ?? "",
    [label.metadata]: properties[imageLabel.metadata] ?? "",
  };
}

// --- internal ---

/** Nothing is said to be there, so that everything is planned; and nothing to be started, for nothing would start. */
function rootless(config: Readonly<Record<string, string>>): Record<string, string> {
  const {
    [label.rootfs]: _rootfs,
    [label.metadata]: _metadata,
    [label.resume]: _resume,
    [label.healthy]: _healthy,
    ...others
  } = withoutRebuilding(config);
  return others;
}
