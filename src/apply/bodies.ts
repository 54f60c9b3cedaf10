/** What is written to Incus for an instance that is wanted. Pure. */
import type { IncusInstancePost } from "../incus/types.ts";
import { type Body, decodeApplied, encodeApplied, encodeBoth, encodeHealth } from "../plan/applied.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { firstGeneration } from "../plan/generations.ts";
import { isKept, label } from "../plan/labels.ts";
import { merge } from "../plan/merge.ts";
import { beforeOf, earliest, readPending } from "../plan/pending.ts";
import { unmark } from "../plan/recovery.ts";

/** A new instance, with what somebody set by hand on the one it replaces. */
export function newBody(
  desired: DesiredInstance,
  fingerprint: string,
  predecessor?: Body,
): Omit<IncusInstancePost, "name"> {
  const body =
    predecessor === undefined
      ? desired
      : merge(predecessor, desired, decodeApplied(predecessor.config), desired.drift).body;
  return {
    type: desired.type,
    description: body.description,
    profiles: body.profiles,
    config: {
      ...Object.fromEntries(Object.entries(body.config).filter(([key]) => !isKept(key))),
      ...imageLabels(desired),
      ...(desired.image.system === undefined ? {} : firstGeneration(desired.image.system, desired.health)),
      [label.applied]: encodeApplied(desired),
      [label.health]: encodeHealth(desired.health),
    },
    devices: body.devices,
    source: { type: "image", fingerprint },
  };
}

/** What runs, changed to what is wanted but for the image, and marked as not yet proved. */
export function changedBody(
  body: Body,
  desired: DesiredInstance,
  { restart, resume }: { readonly restart: boolean; readonly resume: boolean },
): Body {
  const applied = decodeApplied(body.config);
  const merged = merge(body, desired, applied, desired.drift).body;
  const pending = earliest(readPending(body.config), {
    restart,
    before: beforeOf(body, merged),
    ...(body.config[label.applied] === undefined ? {} : { applied: body.config[label.applied] }),
  });
  const marks = {
    [label.pending]: JSON.stringify(pending),
    [label.applied]: encodeBoth(applied, desired),
    ...(resume ? { [label.resume]: "true" } : {}),
  };
  return { ...merged, config: { ...merged.config, ...marks } };
}

/** The same body with the marks of one that is as wanted, and proved. */
export function committedBody(body: Body, desired: DesiredInstance, applyId: string): Body {
  const { [label.pending]: _, ...config } = unmark(body).config;
  return {
    ...body,
    config: {
      ...config,
      [label.container]: desired.container,
      [label.role]: "current",
      [label.applied]: encodeApplied(desired),
      [label.health]: encodeHealth(desired.health),
      [label.apply]: applyId,
      [label.healthy]: "true",
    },
  };
}

export function imageLabels({
  container,
  image,
}: Pick<DesiredInstance, "container" | "image">): Record<string, string> {
  return { [label.container]: container, [label.rootfs]: image.rootfs, [label.metadata]: image.metadata };
}
