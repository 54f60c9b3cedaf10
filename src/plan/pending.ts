/**
 * A change of config or devices that is written and not yet proved healthy carries what it replaced, so that it can be
 * taken back by whoever comes next. Only the keys that changed are in it, and only until the change is proved.
 */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { Body } from "./applied.ts";
import { canonicalJson } from "./digest.ts";
import { isKept, label } from "./labels.ts";

/** Values before the change; null for what was not there. */
export interface Before {
  readonly config: Readonly<Record<string, string | null>>;
  readonly devices: Readonly<Record<string, StringMap | null>>;
  readonly profiles?: readonly string[];
  readonly description?: string;
}

export interface Pending {
  /** Whether the new values count only after a restart. */
  readonly restart: boolean;
  readonly before: Before;
  /** The label of what was applied before. */
  readonly applied?: string;
}

/** What has to be put back to come from `after` to `before`. */
export function beforeOf(before: Body, after: Body): Before {
  return {
    config: changedEntries(before.config, after.config, (key) => !isKept(key)),
    devices: changedEntries(before.devices, after.devices),
    ...(same(before.profiles, after.profiles) ? {} : { profiles: before.profiles }),
    ...(before.description === after.description ? {} : { description: before.description }),
  };
}

/** Of two changes in a row that were not proved: what was there before the first. */
export function earliest(first: Pending | undefined, second: Pending): Pending {
  if (first === undefined) return second;
  return {
    ...second,
    ...first,
    restart: first.restart || second.restart,
    before: {
      ...second.before,
      ...first.before,
      config: { ...second.before.config, ...first.before.config },
      devices: { ...second.before.devices, ...first.before.devices },
    },
  };
}

export function readPending(config: StringMap): Pending | undefined {
  const text = config[label.pending];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Pending;
  } catch {
    return { restart: true, before: { config: {}, devices: {} } };
  }
}

/** Puts back what was there before, on top of what others changed since. */
export function revert<T extends Body>(body: T, before: Before): T {
  return {
    ...body,
    config: putBack(body.config, before.config),
    devices: putBack<StringMap>(body.devices, before.devices) as DeviceMap,
    ...(before.profiles === undefined ? {} : { profiles: before.profiles }),
    ...(before.description === undefined ? {} : { description: before.description }),
  };
}

// --- internal ---

function changedEntries<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  counts: (key: string) => boolean = () => true,
): Record<string, T | null> {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(counts);
  return Object.fromEntries(
    keys.filter((key) => !same(before[key], after[key])).map((key) => [key, before[key] ?? null]),
  );
}

function putBack<T>(map: Readonly<Record<string, T>>, before: Readonly<Record<string, T | null>>): Record<string, T> {
  const kept = Object.entries(map).filter(([key]) => !Object.hasOwn(before, key));
  const old = Object.entries(before).filter((entry): entry is [string, T] => entry[1] !== null);
  return Object.fromEntries([...kept, ...old]);
}

/** Order of keys aside. */
function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
