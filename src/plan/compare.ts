/** Desired against observed, key by key, with what was last applied as the third side. Pure. */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { Difference } from "../model/plan.ts";
import {
  type Applied,
  type Body,
  byHand,
  decodeApplied,
  encodeApplied,
  encodeHealth,
  hashValue,
  merge,
} from "./applied.ts";
import { farthest, type Reach, reachOfConfig, reachOfDevice } from "./classify.ts";
import type { DesiredImage, DesiredInstance } from "./desired.ts";
import { canonicalJson } from "./digest.ts";
import { isKept, label } from "./labels.ts";
import type { ObservedInstance, ObservedProfile } from "./observed.ts";

export interface Comparison {
  readonly differences: readonly Difference[];
  readonly reach: Reach;
  /** Keys that somebody set by hand, for people: `config key "limits.cpu"`. They are kept. */
  readonly byHand: readonly string[];
  /** Only floe's own labels are out of date. */
  readonly isLabelStale: boolean;
}

export function compare(
  desired: DesiredInstance,
  observed: ObservedInstance,
  profiles: readonly ObservedProfile[],
): Comparison {
  const applied = decodeApplied(observed.config);
  const merged = merge(observed, desired, applied);
  const parts = [
    compareImage(desired.image, observed.config),
    compareConfig(observed, merged, applied),
    compareDevices(observed, merged, applied),
    compareProfiles(observed, merged, profiles),
    compareDescription(observed, merged),
  ];
  return {
    differences: parts.flatMap((part) => part.differences),
    reach: farthest(parts.map((part) => part.reach)),
    byHand: namesOf(byHand(observed, desired, applied), desired.devices),
    isLabelStale: isLabelStale(desired, observed.config, applied),
  };
}

/** Made from other store paths than those wanted now. */
export function isImageDifferent(image: DesiredImage, config: StringMap): boolean {
  return config[label.rootfs] !== image.rootfs || config[label.metadata] !== image.metadata;
}

// --- internal ---

interface Part {
  readonly differences: readonly Difference[];
  readonly reach: Reach;
}

const nothing: Part = { differences: [], reach: "none" };

function compareImage(image: DesiredImage, config: StringMap): Part {
  if (!isImageDifferent(image, config)) return nothing;
  const key = config[label.rootfs] === image.rootfs ? "metadata" : "rootfs";
  return {
    differences: [
      { key: "image", ...optional("before", config[label[key]]), after: image[key], note: "derivation changed" },
    ],
    reach: "swap",
  };
}

function compareConfig(observed: Body, merged: Body, applied: Applied): Part {
  const keys = changedKeys(observed.config, merged.config).filter((key) => !isKept(key));
  return {
    differences: keys.map((key) =>
      difference(
        `config.${key}`,
        observed.config[key],
        merged.config[key],
        drift(observed.config[key], applied.config[key]),
      ),
    ),
    reach: farthest(keys.map(reachOfConfig)),
  };
}

function compareDevices(observed: Body, merged: Body, applied: Applied): Part {
  const names = changedKeys(observed.devices, merged.devices);
  return {
    differences: names.flatMap((name) =>
      deviceDifferences(name, observed.devices[name], merged.devices[name], applied.devices[name]),
    ),
    reach: farthest(names.map((name) => reachOfDevice(observed.devices[name], merged.devices[name]))),
  };
}

/** A device that comes or goes is one difference, one that stays is compared by key. */
function deviceDifferences(
  name: string,
  before: StringMap | undefined,
  after: StringMap | undefined,
  applied: StringMap | undefined,
): Difference[] {
  if (before === undefined || after === undefined)
    return [difference(`devices.${name}`, before && oneLine(before), after && oneLine(after))];
  return changedKeys(before, after).map((key) =>
    difference(`devices.${name}.${key}`, before[key], after[key], drift(before[key], applied?.[key])),
  );
}

/** Other profiles reach as far as the keys that change through them. */
function compareProfiles(observed: Body, merged: Body, profiles: readonly ObservedProfile[]): Part {
  if (canonicalJson(observed.profiles) === canonicalJson(merged.profiles)) return nothing;
  const before = expand(observed.profiles, profiles);
  const after = expand(merged.profiles, profiles);
  const configKeys = changedKeys(before.config, after.config).filter((key) => merged.config[key] === undefined);
  const devices = changedKeys(before.devices, after.devices).filter((name) => merged.devices[name] === undefined);
  return {
    differences: [difference("profiles", observed.profiles.join(", "), merged.profiles.join(", "))],
    reach: farthest([
      "live",
      ...configKeys.map(reachOfConfig),
      ...devices.map((name) => reachOfDevice(before.devices[name], after.devices[name])),
    ]),
  };
}

function compareDescription(observed: Body, merged: Body): Part {
  if (observed.description === merged.description) return nothing;
  return {
    differences: [difference("description", observed.description || undefined, merged.description || undefined)],
    reach: "live",
  };
}

/** What these profiles give together: later ones win. */
export function expand(
  names: readonly string[],
  profiles: readonly ObservedProfile[],
): { readonly config: StringMap; readonly devices: DeviceMap } {
  const used = names.flatMap((name) => profiles.filter((profile) => profile.name === name));
  return {
    config: Object.assign({}, ...used.map(({ config }) => config)) as StringMap,
    devices: Object.assign({}, ...used.map(({ devices }) => devices)) as DeviceMap,
  };
}

/** What was applied is not what is there: somebody else changed it. */
function drift(before: string | undefined, applied: string | undefined): string | undefined {
  if (applied === undefined || (before !== undefined && hashValue(before) === applied)) return undefined;
  return "changed by hand";
}

function isLabelStale(desired: DesiredInstance, config: StringMap, applied: Applied): boolean {
  const wanted = decodeApplied({ [label.applied]: encodeApplied(desired) });
  return (
    canonicalJson(wanted) !== canonicalJson(applied) ||
    config[label.container] !== desired.container ||
    config[label.role] !== "current" ||
    config[label.health] !== encodeHealth(desired.health)
  );
}

/** Of a device of floe's own, only the keys that were added to it. */
function namesOf(hand: Pick<Body, "config" | "devices">, own: DeviceMap): string[] {
  const devices = Object.entries(hand.devices).flatMap(([name, device]) =>
    own[name] === undefined
      ? [`device "${name}"`]
      : Object.keys(device).map((key) => `key "${key}" of the device "${name}"`),
  );
  return [...Object.keys(hand.config).map((key) => `config key "${key}"`), ...devices];
}

function changedKeys(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter((key) => canonicalJson(before[key] ?? null) !== canonicalJson(after[key] ?? null));
}

function difference(key: string, before: string | undefined, after: string | undefined, note?: string): Difference {
  return { key, ...optional("before", before), ...optional("after", after), ...optional("note", note) };
}

function optional<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: string };
}

/** `proxy, connect=tcp:127.0.0.1:80, listen=tcp:127.0.0.1:8081` */
export function oneLine({ type = "?", ...keys }: StringMap): string {
  return [
    type,
    ...Object.entries(keys)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${value}`),
  ].join(", ");
}
