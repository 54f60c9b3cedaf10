/**
 * What floe last wrote on an instance or a profile, so that it can tell its own keys from those that somebody set by hand.
 * Only hashes: the label can be read inside the container.
 */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { HealthCheck, UpdateStrategy } from "../model/fleet.ts";
import { digest } from "./digest.ts";
import { label } from "./labels.ts";

/** Key or device name to the hash of its value. */
export interface Applied {
  readonly config: StringMap;
  /** Device name to its keys. */
  readonly devices: DeviceMap;
  readonly profiles: string;
  readonly description: string;
  /** The fleet's profiles it was proved with, by name. */
  readonly own?: Readonly<Record<string, Content>>;
  /** Absent: `swap`. */
  readonly update?: UpdateStrategy;
}

/** Config and devices: of an instance, or of a profile. */
export interface Content {
  readonly config: StringMap;
  readonly devices: DeviceMap;
}

export interface Body extends Content {
  readonly profiles: readonly string[];
  readonly description: string;
}

/** A body, and what counts as applied with it. */
export interface Declared extends Body {
  /** The fleet's profiles among `profiles`, as they are declared. */
  readonly own?: Readonly<Record<string, Content>>;
  readonly update?: UpdateStrategy;
}

export const nothingApplied: Applied = { config: {}, devices: {}, profiles: "", description: "" };

/** Compares values without keeping them. 64 bits are plenty against chance. */
export function hashValue(value: string): string {
  return digest(value).slice(0, 16);
}

export function hashProfiles(names: readonly string[]): string {
  return hashValue(JSON.stringify(names));
}

export function hashContent({ config, devices }: Content): Content {
  return {
    config: hashes(config),
    devices: Object.fromEntries(Object.entries(devices).map(([name, device]) => [name, hashes(device)])),
  };
}

export function encodeApplied(declared: Declared): string {
  return JSON.stringify(appliedOf(declared));
}

export function appliedOf({ own = {}, update = "swap", ...body }: Declared): Applied {
  const hashed = Object.entries(own).map(([name, content]) => [name, hashContent(content)] as const);
  return {
    ...hashContent(body),
    profiles: hashProfiles(body.profiles),
    description: hashValue(body.description),
    ...(hashed.length === 0 ? {} : { own: Object.fromEntries(hashed) }),
    ...(update === "swap" ? {} : { update }),
  };
}

/** While a change is not proved, what it writes and what was there before are both floe's; what it was proved with is the old. */
export function encodeBoth(before: Applied, declared: Declared): string {
  const { own: _own, update: _update, ...after } = appliedOf(declared);
  const names = [...new Set([...Object.keys(before.devices), ...Object.keys(after.devices)])];
  const devices = Object.fromEntries(names.map((name) => [name, { ...before.devices[name], ...after.devices[name] }]));
  return JSON.stringify({
    ...before,
    ...after,
    config: { ...before.config, ...after.config },
    devices,
  } satisfies Applied);
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

// --- internal ---

function hashes(map: StringMap): StringMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, hashValue(value)]));
}
