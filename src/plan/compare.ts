/** Desired against observed, key by key, with what was last applied as the third side. Pure. */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { Difference } from "../model/plan.ts";
import { type Applied, appliedOf, type Body, decodeApplied, encodeHealth } from "./applied.ts";
import { farthest, methodFor, type Reach, reachOfConfig, reachOfDevice, whyOfConfig, whyOfDevice } from "./classify.ts";
import { compareProfiles, expand, type ProfileWorld, reachOfProfiles } from "./compare-profiles.ts";
import type { DesiredImage, DesiredInstance } from "./desired.ts";
import { canonicalJson } from "./digest.ts";
import { label } from "./labels.ts";
import { type Merged, merge, type Settled } from "./merge.ts";
import type { ObservedInstance } from "./observed.ts";

export interface Comparison {
  readonly differences: readonly Difference[];
  readonly reach: Reach;
  /** What somebody set by hand and stays so: `before` is what is declared. */
  readonly drift: readonly Difference[];
  /** Only floe's own labels are out of date. */
  readonly isLabelStale: boolean;
}

export function compare(desired: DesiredInstance, observed: ObservedInstance, profiles: ProfileWorld): Comparison {
  const applied = decodeApplied(observed.config);
  const merged = merge(observed, desired, applied, desired.drift);
  const found = [
    ...compareImage(desired.image, observed.config),
    ...compareUpdate(desired, observed.config, applied),
    ...merged.settled.filter(isToChange).map((one) => classify(one, observed, merged, profiles)),
    ...compareProfiles({ desired, observed, merged: merged.body, applied, profiles }),
  ];
  return {
    differences: found.map(({ difference, reach }) => ({
      ...difference,
      ...optional("reach", methodFor(reach, desired.update)),
    })),
    reach: farthest(found.map(({ reach }) => reach)),
    drift: merged.settled.flatMap(keptDrift),
    isLabelStale: isLabelStale(desired, observed.config, applied),
  };
}

/** Made from other store paths than those wanted now. */
export function isImageDifferent(image: DesiredImage, config: StringMap): boolean {
  return config[label.rootfs] !== image.rootfs || config[label.metadata] !== image.metadata;
}

/** One difference that is to go, and how far that reaches. */
export interface Classified {
  readonly difference: Difference;
  readonly reach: Reach;
}

export function isToChange({ drift }: Settled): boolean {
  return drift !== "kept";
}

/** What stays as somebody set it, as a difference from what is declared. */
export function keptDrift({ key, observed, declared, drift }: Settled): Difference[] {
  if (drift !== "kept") return [];
  const note = handWords(observed, declared);
  return [{ key, ...optional("before", declared), ...optional("after", observed), note, isDrift: true }];
}

/** Without its reach. */
export function differenceOf({ key, observed, declared, drift }: Settled, why?: string): Difference {
  const note =
    drift === "fixed"
      ? handWords(observed, declared)
      : drift === "overwritten"
        ? "overwrites a change by hand"
        : undefined;
  return {
    key,
    ...optional("before", observed),
    ...optional("after", declared),
    ...optional("note", note),
    ...optional("why", why),
    ...(drift === undefined ? {} : { isDrift: true }),
  };
}

// --- internal ---

function handWords(observed: string | undefined, declared: string | undefined): string {
  if (declared === undefined) return "added by hand";
  return observed === undefined ? "removed by hand" : "changed by hand";
}

function compareImage(image: DesiredImage, config: StringMap): Classified[] {
  if (image.system !== undefined) return compareSystem(image.system, config);
  if (!isImageDifferent(image, config)) return [];
  const key = config[label.rootfs] === image.rootfs ? "metadata" : "rootfs";
  const before = config[label[key]];
  const difference = {
    key: "image",
    ...optional("before", before),
    after: image[key],
    note: imageNote(before, image[key]),
  };
  return [{ difference, reach: "image" }];
}

/** Only from one build of floe's to another is it a derivation that has changed. */
function imageNote(before: string | undefined, after: string): string {
  const [wasForeign, isForeign] = [before, after].map((path) => path?.startsWith("image:") === true);
  if (wasForeign && isForeign) return "another image";
  if (wasForeign) return "built by floe from now on";
  return isForeign ? "not built by floe any more" : "derivation changed";
}

/** The image was for the first root only: what counts is the system. */
function compareSystem(system: string, config: StringMap): Classified[] {
  const before = config[label.system];
  if (before === system) return [];
  const difference = { key: "system", ...optional("before", before), after: system, note: "derivation changed" };
  return [{ difference, reach: "image" }];
}

/** The root file system of an in-place instance is of another kind than that of all others. */
function compareUpdate({ update }: DesiredInstance, config: StringMap, applied: Applied): Classified[] {
  const { update: before = "swap" } = applied;
  if (config[label.applied] === undefined || before === update) return [];
  const isOtherRoot = before === "in-place" || update === "in-place";
  const why = isOtherRoot
    ? "in-place and other instances have different root file systems"
    : "how it gets another root from now on";
  return [{ difference: { key: "update", before, after: update, why }, reach: isOtherRoot ? "instance" : "none" }];
}

function classify(settled: Settled, observed: ObservedInstance, { body }: Merged, profiles: ProfileWorld): Classified {
  const { key, name } = settled;
  if (key.startsWith("config.")) {
    const reach = reachOfConfig(name);
    return { difference: differenceOf(settled, whyOfConfig(name)), reach };
  }
  if (key.startsWith("devices.")) {
    const before = effective(observed, profiles.before)[name];
    const after = effective(body, profiles.after)[name];
    const reach = reachOfDevice(before, after);
    return { difference: differenceOf(settled, whyOfDevice(before, after, reach)), reach };
  }
  if (key === "profiles") {
    const { reach, why } = reachOfProfiles(observed, body, profiles);
    return { difference: differenceOf(settled, why), reach };
  }
  return { difference: differenceOf(settled), reach: "live" };
}

/** With the profiles': a device that goes may uncover one of theirs. */
function effective(body: Pick<Body, "profiles" | "devices">, profiles: ProfileWorld["before"]): DeviceMap {
  return { ...expand(body.profiles, profiles).devices, ...body.devices };
}

function isLabelStale(desired: DesiredInstance, config: StringMap, applied: Applied): boolean {
  return (
    canonicalJson(appliedOf(desired)) !== canonicalJson(applied) ||
    config[label.container] !== desired.container ||
    config[label.role] !== "current" ||
    config[label.health] !== encodeHealth(desired.health)
  );
}

function optional<Key extends string, T>(key: Key, value: T | undefined): { readonly [K in Key]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: T };
}
