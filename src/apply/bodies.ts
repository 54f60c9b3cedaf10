/** What is written to Incus for an instance that is wanted. Pure. */
import type { IncusInstancePost } from "../incus/types.ts";
import { type Body, byHand, decodeApplied, encodeApplied, encodeBoth, encodeHealth, merge } from "../plan/applied.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { label } from "../plan/labels.ts";
import { beforeOf, earliest, readPending } from "../plan/pending.ts";
import { unmark } from "../plan/recovery.ts";

/** A new instance, with what somebody set by hand on the one it replaces. */
export function newBody(
  desired: DesiredInstance,
  fingerprint: string,
  predecessor?: Body,
): Omit<IncusInstancePost, "name"> {
  const hand =
    predecessor === undefined
      ? { config: {}, devices: {} }
      : byHand(predecessor, desired, decodeApplied(predecessor.config));
  const devices = Object.entries(hand.devices).map(
    ([name, device]) => [name, { ...device, ...desired.devices[name] }] as const,
  );
  return {
    type: "container",
    description: desired.description,
    profiles: desired.profiles,
    config: {
      ...hand.config,
      ...desired.config,
      ...imageLabels(desired),
      [label.applied]: encodeApplied(desired),
      [label.health]: encodeHealth(desired.health),
    },
    devices: { ...desired.devices, ...Object.fromEntries(devices) },
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
  const merged = merge(body, desired, applied);
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
