/**
 * What floe last wrote on an instance, so that it can tell its own keys from those that somebody set by hand. Only hashes:
 * the label can be read inside the container.
 */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { HealthCheck } from "../model/fleet.ts";
import { digest } from "./digest.ts";
import { isKept, label } from "./labels.ts";

/** Key or device name to the hash of its value. */
export interface Applied {
  readonly config: StringMap;
  /** Device name to its keys. */
  readonly devices: DeviceMap;
  readonly profiles: string;
  readonly description: string;
}

export interface Body {
  readonly config: StringMap;
  readonly devices: DeviceMap;
  readonly profiles: readonly string[];
  readonly description: string;
}

export const nothingApplied: Applied = { config: {}, devices: {}, profiles: "", description: "" };

/** Compares values without keeping them. 64 bits are plenty against chance. */
export function hashValue(value: string): string {
  return digest(value).slice(0, 16);
}

export function encodeApplied(body: Body): string {
  const applied: Applied = {
    config: hashes(body.config),
    devices: Object.fromEntries(Object.entries(body.devices).map(([name, device]) => [name, hashes(device)])),
    profiles: hashValue(JSON.stringify(body.profiles)),
    description: hashValue(body.description),
  };
  return JSON.stringify(applied);
}

/** While a change is not proved, what it writes and what was there before are both floe's. */
export function encodeBoth(before: Applied, body: Body): string {
  const after = JSON.parse(encodeApplied(body)) as Applied;
  const names = [...new Set([...Object.keys(before.devices), ...Object.keys(after.devices)])];
  const devices = Object.fromEntries(names.map((name) => [name, { ...before.devices[name], ...after.devices[name] }]));
  return JSON.stringify({ ...after, config: { ...before.config, ...after.config }, devices } satisfies Applied);
}

export function encodeHealth(checks: readonly HealthCheck[]): string {
  return JSON.stringify(checks);
}

/** Undefined where floe wrote none, or it is damaged. */
export function decodeHealth(config: StringMap): readonly HealthCheck[] | undefined {
  try {
    return JSON.parse(config[label.health] ?? "") as readonly HealthCheck[];
  } catch {
    return undefined;
  }
}

/** A label that is missing or damaged means that nothing is known to be floe's: then nothing is removed. */
export function decodeApplied(config: StringMap): Applied {
  try {
    return { ...nothingApplied, ...(JSON.parse(config[label.applied] ?? "{}") as Partial<Applied>) };
  } catch {
    return nothingApplied;
  }
}

/**
 * The three-way merge: everything desired, and of what is there all that is neither floe's nor was. Keys that Incus keeps
 * (`volatile.*`) and floe's labels stay as they are.
 */
export function merge(observed: Body, desired: Body, applied: Applied): Body {
  const kept = Object.entries(observed.config).filter(([key]) => isKept(key) || !isOwn(key, applied.config));
  return {
    config: { ...Object.fromEntries(kept), ...desired.config },
    devices: mergeDevices(observed.devices, desired.devices, applied.devices),
    profiles: desired.profiles,
    description: desired.description,
  };
}

/** Of what is there, only what somebody set by hand. */
export function byHand(
  observed: Pick<Body, "config" | "devices">,
  desired: Pick<Body, "config" | "devices">,
  applied: Applied,
): Pick<Body, "config" | "devices"> {
  const config = Object.entries(observed.config).filter(
    ([key]) => !isKept(key) && !isOwn(key, desired.config) && !isOwn(key, applied.config),
  );
  const devices = Object.entries(observed.devices).flatMap(([name, device]) => {
    const keys = handKeys(device, desired.devices[name], applied.devices[name]);
    return keys.length === 0 ? [] : [[name, Object.fromEntries(keys)] as const];
  });
  return { config: Object.fromEntries(config), devices: Object.fromEntries(devices) };
}

// --- internal ---

function mergeDevices(observed: DeviceMap, desired: DeviceMap, applied: DeviceMap): DeviceMap {
  const hand = byHand(
    { config: {}, devices: observed },
    { config: {}, devices: desired },
    { ...nothingApplied, devices: applied },
  ).devices;
  const names = [...new Set([...Object.keys(hand), ...Object.keys(desired)])];
  return Object.fromEntries(names.map((name) => [name, { ...hand[name], ...desired[name] }]));
}

/**
 * A device that floe never wrote and does not want is somebody else's, whole. One that floe wants is floe's; what was added
 * to it since it was applied stays. One that becomes floe's, or another type, is replaced whole: keys of two kinds do not mix.
 */
function handKeys(
  device: StringMap,
  desired: StringMap | undefined,
  applied: StringMap | undefined,
): [string, string][] {
  if (desired === undefined) return applied === undefined ? Object.entries(device) : [];
  if (applied === undefined || desired["type"] !== device["type"]) return [];
  return Object.entries(device).filter(([key]) => !isOwn(key, desired) && !isOwn(key, applied));
}

function isOwn(key: string, map: Readonly<Record<string, unknown>> | undefined): boolean {
  return map !== undefined && Object.hasOwn(map, key);
}

function hashes(map: StringMap): StringMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, hashValue(value)]));
}
