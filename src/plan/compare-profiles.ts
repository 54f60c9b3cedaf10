/**
 * What reaches an instance through its profiles: other profiles, or other content of those that the fleet owns. Incus applies
 * the content of a profile to every instance at once; what counts only after a restart is a change of each instance. Pure.
 */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { Difference } from "../model/plan.ts";
import { type Applied, type Body, type Content, hashContent } from "./applied.ts";
import { farthest, type Reach, reachOfConfig, reachOfDevice, whyOfConfig, whyOfDevice } from "./classify.ts";
import type { Classified } from "./compare.ts";
import type { DesiredInstance } from "./desired.ts";
import { canonicalJson } from "./digest.ts";
import { oneLine } from "./merge.ts";
import type { ObservedProfile } from "./observed.ts";

/** The profiles of a project as they are, and as they are when the fleet's own are synced. */
export interface ProfileWorld {
  readonly before: readonly ObservedProfile[];
  readonly after: readonly ObservedProfile[];
}

export interface ProfilesInput {
  readonly desired: DesiredInstance;
  readonly observed: Body;
  /** What the instance becomes. */
  readonly merged: Body;
  readonly applied: Applied;
  readonly profiles: ProfileWorld;
}

/** The same profiles with other content: now, or since the instance was last proved. */
export function compareProfiles(input: ProfilesInput): Classified[] {
  const { observed, merged, desired, profiles } = input;
  if (canonicalJson(observed.profiles) !== canonicalJson(merged.profiles)) return [];
  return merged.profiles.flatMap((name, index) => {
    const declared = desired.own?.[name];
    if (declared === undefined) return [];
    const later = expand(merged.profiles.slice(index + 1), profiles.after);
    const covers = {
      config: { ...later.config, ...merged.config },
      devices: { ...later.devices, ...merged.devices },
    };
    return [...profileConfig(name, declared, covers, input), ...profileDevices(name, declared, covers, input)];
  });
}

/** Other profiles reach as far as the keys that change through them. */
export function reachOfProfiles(
  observed: Body,
  merged: Body,
  { before, after }: ProfileWorld,
): { readonly reach: Reach; readonly why?: string } {
  const [old, now] = [expand(observed.profiles, before), expand(merged.profiles, after)];
  const keys = changedKeys(old.config, now.config).filter((key) => isVisible(key, merged) && !isLabel(key));
  const devices = changedKeys(old.devices, now.devices).filter((name) => merged.devices[name] === undefined);
  const all = [
    ...keys.map((key) => ({ what: key, reach: reachOfConfig(key) })),
    ...devices.map((name) => ({ what: name, reach: reachOfDevice(old.devices[name], now.devices[name]) })),
  ];
  const reach = farthest(["live", ...all.map((one) => one.reach)]);
  const causes = all.filter((one) => one.reach === reach).map(({ what }) => what);
  return { reach, ...(causes.length === 0 ? {} : { why: `through ${causes.join(", ")}` }) };
}

/** What these profiles give together: later ones win. */
export function expand(names: readonly string[], profiles: readonly ObservedProfile[]): Content {
  const used = names.flatMap((name) => profiles.filter((profile) => profile.name === name));
  return {
    config: Object.assign({}, ...used.map(({ config }) => config)) as StringMap,
    devices: Object.assign({}, ...used.map(({ devices }) => devices)) as DeviceMap,
  };
}

// --- internal ---

function profileConfig(
  name: string,
  declared: Content,
  covers: Content,
  { applied, profiles }: ProfilesInput,
): Classified[] {
  const [before, after] = [contentOf(name, profiles.before).config, contentOf(name, profiles.after).config];
  const proved = applied.own?.[name]?.config;
  const keys = [...new Set([...changedKeys(before, after), ...unproved(hashContent(declared).config, proved)])];
  return keys
    .filter((key) => isVisible(key, covers) && !isLabel(key))
    .sort()
    .map((key) => ({
      difference: difference(`profiles.${name}.config.${key}`, before[key], after[key], whyOfConfig(key)),
      reach: reachOfConfig(key),
    }));
}

function profileDevices(
  name: string,
  declared: Content,
  covers: Content,
  { applied, profiles }: ProfilesInput,
): Classified[] {
  const [before, after] = [contentOf(name, profiles.before).devices, contentOf(name, profiles.after).devices];
  const proved = applied.own?.[name]?.devices;
  const names = [...new Set([...changedKeys(before, after), ...unproved(hashContent(declared).devices, proved)])];
  return names
    .filter((device) => covers.devices[device] === undefined)
    .sort()
    .flatMap((device) => {
      const [old, now] = [before[device], after[device]];
      const isAgain = canonicalJson(old ?? null) === canonicalJson(now ?? null);
      const reach = isAgain ? reachOfDevice(undefined, now) : reachOfDevice(old, now);
      const why = whyOfDevice(old, now, reach);
      const key = `profiles.${name}.devices.${device}`;
      const keys = old !== undefined && now !== undefined && !isAgain ? changedKeys(old, now) : [];
      return keys.length === 0
        ? [{ difference: difference(key, old && oneLine(old), now && oneLine(now), why), reach }]
        : keys.map((one) => ({ difference: difference(`${key}.${one}`, old?.[one], now?.[one], why), reach }));
    });
}

/** What the instance was not proved with; nothing where it was never proved with this profile of the fleet. */
function unproved(
  declared: Readonly<Record<string, unknown>>,
  proved: Readonly<Record<string, unknown>> | undefined,
): string[] {
  return proved === undefined ? [] : changedKeys(proved, declared);
}

function difference(key: string, before: string | undefined, after: string | undefined, why: string): Difference {
  const isWritten = before === after;
  return {
    key,
    ...(before === undefined || isWritten ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(isWritten ? { note: "in the profile already, not proved here" } : {}),
    why,
  };
}

function contentOf(name: string, profiles: readonly ObservedProfile[]): Content {
  return profiles.find((profile) => profile.name === name) ?? { config: {}, devices: {} };
}

/** An instance's own key, or a later profile's, hides it. */
function isVisible(key: string, { config }: Pick<Content, "config">): boolean {
  return !Object.hasOwn(config, key);
}

function isLabel(key: string): boolean {
  return key.startsWith("user.floe.");
}

export function changedKeys(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter((key) => canonicalJson(before[key] ?? null) !== canonicalJson(after[key] ?? null));
}
