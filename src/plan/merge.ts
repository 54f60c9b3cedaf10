/**
 * The three-way merge of what is declared, what is there, and what floe last applied; key by key. Pure.
 *
 * - Nobody touched it since: it becomes what is declared.
 * - Somebody changed, added or removed it, and its declaration is the same as before: drift. It stays, or is put back (`fix`).
 * - Somebody touched it, and its declaration changed too: the declaration wins, and says what it overwrites.
 *
 * Keys that Incus or floe keeps (`volatile.*`, floe's labels) stay as they are.
 */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { DriftMode } from "../model/plan.ts";
import { type Applied, type Body, hashContent, hashProfiles, hashValue } from "./applied.ts";
import { canonicalJson } from "./digest.ts";
import { isKept } from "./labels.ts";

/** What became of one key that is not as declared, or not as applied. */
export interface Settled {
  /** `config.KEY`, `devices.NAME`, `devices.NAME.KEY`, `profiles`, `description`. */
  readonly key: string;
  /** The config key, or the device. */
  readonly name: string;
  /** As it is there now; undefined: it is not. */
  readonly observed: string | undefined;
  readonly declared: string | undefined;
  /** Absent: nobody else touched it. */
  readonly drift?: "kept" | "fixed" | "overwritten";
}

export interface Merged {
  readonly body: Body;
  /** Every key in which observed and declared differ, in the order of the body. */
  readonly settled: readonly Settled[];
}

export function merge(observed: Body, declared: Body, applied: Applied, mode: DriftMode = "keep"): Merged {
  const config = mergeConfig(observed.config, declared.config, applied.config, mode);
  const devices = mergeDevices(observed.devices, declared.devices, applied.devices, mode);
  const profiles = mergeProfiles(observed.profiles, declared.profiles, applied.profiles, mode);
  const description = mergeDescription(observed.description, declared.description, applied.description, mode);
  return {
    body: {
      config: config.value,
      devices: devices.value,
      profiles: profiles.value,
      description: description.value,
    },
    settled: [config, devices, profiles, description].flatMap((part) => part.settled),
  };
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

// --- internal ---

interface Part<T> {
  readonly value: T;
  readonly settled: readonly Settled[];
}

type Drift = Settled["drift"];

/** Of one key: `isSame` when its declaration is the one that was applied. */
function driftOf(isTouched: boolean, isSame: boolean, mode: DriftMode): Drift {
  if (!isTouched) return undefined;
  if (!isSame) return "overwritten";
  return mode === "keep" ? "kept" : "fixed";
}

/** `applied` is a hash; what floe did not write and does not declare was added by hand. */
function driftOfValue(
  observed: string | undefined,
  declared: string | undefined,
  applied: string | undefined,
  mode: DriftMode,
): Drift {
  const hash = (value: string | undefined): string | undefined => (value === undefined ? undefined : hashValue(value));
  return driftOf(hash(observed) !== applied, hash(declared) === applied, mode);
}

function settled(
  key: string,
  name: string,
  observed: string | undefined,
  declared: string | undefined,
  drift: Drift,
): Settled {
  return { key, name, observed, declared, ...(drift === undefined ? {} : { drift }) };
}

/** A flat map, key by key: config, or one device (`name`). */
function mergeMap(
  device: string | undefined,
  maps: { readonly observed: StringMap; readonly declared: StringMap; readonly applied: StringMap },
  mode: DriftMode,
): Part<StringMap> {
  const keys = [...new Set([...Object.keys(maps.observed), ...Object.keys(maps.declared)])].sort();
  const value: Record<string, string> = {};
  const found: Settled[] = [];
  for (const key of keys) {
    const [observed, declared] = [own(maps.observed, key), own(maps.declared, key)];
    const drift = observed === declared ? undefined : driftOfValue(observed, declared, own(maps.applied, key), mode);
    const kept = drift === "kept" ? observed : declared;
    if (kept !== undefined) value[key] = kept;
    if (observed !== declared)
      found.push(
        device === undefined
          ? settled(`config.${key}`, key, observed, declared, drift)
          : settled(`devices.${device}.${key}`, device, observed, declared, drift),
      );
  }
  return { value, settled: found };
}

function mergeConfig(observed: StringMap, declared: StringMap, applied: StringMap, mode: DriftMode): Part<StringMap> {
  const isMine = ([key]: readonly [string, string]): boolean => !isKept(key);
  const kept = Object.entries(observed).filter((entry) => !isMine(entry));
  const seen = Object.fromEntries(Object.entries(observed).filter(isMine));
  const part = mergeMap(undefined, { observed: seen, declared, applied }, mode);
  return { ...part, value: { ...Object.fromEntries(kept), ...part.value } };
}

function mergeDevices(observed: DeviceMap, declared: DeviceMap, applied: DeviceMap, mode: DriftMode): Part<DeviceMap> {
  const names = [...new Set([...Object.keys(observed), ...Object.keys(declared)])].sort();
  const parts = names.map(
    (name) => [name, mergeDevice(name, observed[name], declared[name], applied[name], mode)] as const,
  );
  return {
    value: Object.fromEntries(parts.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]))),
    settled: parts.flatMap(([, part]) => part.settled),
  };
}

/** One that comes or goes, or becomes another type, is settled whole: keys of two kinds do not mix. */
function mergeDevice(
  name: string,
  observed: StringMap | undefined,
  declared: StringMap | undefined,
  applied: StringMap | undefined,
  mode: DriftMode,
): Part<StringMap | undefined> {
  const isOneKind = observed !== undefined && declared !== undefined && observed["type"] === declared["type"];
  if (isOneKind && applied !== undefined) return mergeMap(name, { observed, declared, applied }, mode);
  if (same(observed, declared)) return { value: declared, settled: [] };
  const drift = driftOf(!same(hashed(observed), applied), same(hashed(declared), applied), mode);
  const value = drift === "kept" ? observed : declared;
  if (isOneKind) {
    const { settled: byKey } = mergeMap(name, { observed, declared, applied: {} }, "fix");
    return { value, settled: byKey.map((one) => ({ ...one, ...(drift === undefined ? {} : { drift }) })) };
  }
  const [before, after] = [observed && oneLine(observed), declared && oneLine(declared)];
  return { value, settled: [settled(`devices.${name}`, name, before, after, drift)] };
}

function mergeProfiles(
  observed: readonly string[],
  declared: readonly string[],
  applied: string,
  mode: DriftMode,
): Part<readonly string[]> {
  if (same(observed, declared)) return { value: declared, settled: [] };
  const drift = driftOf(hashProfiles(observed) !== applied, hashProfiles(declared) === applied, mode);
  return {
    value: drift === "kept" ? observed : declared,
    settled: [settled("profiles", "", observed.join(", "), declared.join(", "), applied === "" ? undefined : drift)],
  };
}

function mergeDescription(observed: string, declared: string, applied: string, mode: DriftMode): Part<string> {
  if (observed === declared) return { value: declared, settled: [] };
  const drift = driftOf(hashValue(observed) !== applied, hashValue(declared) === applied, mode);
  return {
    value: drift === "kept" ? observed : declared,
    settled: [
      settled("description", "", observed || undefined, declared || undefined, applied === "" ? undefined : drift),
    ],
  };
}

function hashed(device: StringMap | undefined): StringMap | undefined {
  return device === undefined ? undefined : hashContent({ config: device, devices: {} }).config;
}

function own(map: StringMap, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Order of keys aside. */
function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
