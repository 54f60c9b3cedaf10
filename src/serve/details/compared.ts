/** An instance as it is declared beside what it is, key by key. Pure. */
import type { IncusInstance, IncusProfile, StringMap } from "../../incus/types.ts";
import type { Evaluation } from "../../model/evaluation.ts";
import type { Instance } from "../../model/fleet.ts";
import { type Body, decodeApplied } from "../../plan/applied.ts";
import { type DesiredImage, desiredImage, desiredInstance } from "../../plan/desired.ts";
import { isKept, label } from "../../plan/labels.ts";
import { merge, oneLine, type Settled } from "../../plan/merge.ts";
import { defined } from "../../util/defined.ts";
import type { ComparedKey, InstanceDetails } from "../protocol.ts";

/** Every key that is declared or there; what Incus and floe keep for themselves is left out. */
export function compareInstance(
  instance: Instance,
  found: IncusInstance | undefined,
  evaluation: Evaluation | undefined,
): ComparedKey[] {
  const image = evaluation && desiredImage(evaluation, instance);
  const declared = desiredInstance(instance, image ?? noImage).instance;
  const observed: Body = found ?? { config: {}, devices: {}, profiles: [], description: "" };
  const { settled } = merge(observed, declared, decodeApplied(observed.config));
  const different = settled.map((one) => rowOf(one, found !== undefined));
  return [...imageRow(image, found), ...[...different, ...equalRows(observed, declared)].sort(byKey)];
}

/** Devices with those of its profiles; one that several have is the instance's, else the last profile's. */
export function devicesOf(found: IncusInstance, profiles: readonly IncusProfile[]): InstanceDetails["devices"] {
  return Object.entries(found.expanded_devices ?? {}).map(([name, config]) => ({
    name,
    config,
    from: sourceOf(name, found, profiles),
  }));
}

// --- internal ---

const noImage: DesiredImage = { rootfs: "", metadata: "" };

function byKey(a: ComparedKey, b: ComparedKey): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** What somebody touched since floe wrote it is drift; anything else that differs is a change of the description that is not applied yet. */
function rowOf({ key, declared, observed, drift }: Settled, isThere: boolean): ComparedKey {
  const actual = isThere ? observed : undefined;
  return defined({ key, declared, actual, isDrift: isThere && drift !== undefined ? true : undefined });
}

function equalRows(observed: Body, declared: Body): ComparedKey[] {
  const rows: ComparedKey[] = [];
  const both = (key: string, is: string | undefined, should: string | undefined): void => {
    if (is !== undefined && is === should) rows.push({ key, declared: should, actual: is });
  };
  const own = (map: StringMap, key: string): string | undefined => (Object.hasOwn(map, key) ? map[key] : undefined);
  for (const [key, value] of Object.entries(observed.config))
    if (!isKept(key)) both(`config.${key}`, value, own(declared.config, key));
  for (const [name, device] of Object.entries(observed.devices)) {
    const wanted = Object.hasOwn(declared.devices, name) ? declared.devices[name] : undefined;
    if (wanted === undefined || wanted["type"] !== device["type"]) {
      if (wanted !== undefined) both(`devices.${name}`, oneLine(device), oneLine(wanted));
      continue;
    }
    for (const [key, value] of Object.entries(device)) both(`devices.${name}.${key}`, value, own(wanted, key));
  }
  both("profiles", observed.profiles.join(", "), declared.profiles.join(", "));
  both("description", observed.description, declared.description);
  return rows.filter(({ key, actual }) => key !== "description" || actual !== "");
}

/** By store path; of one that is updated in place, the system. */
function imageRow(image: DesiredImage | undefined, found: IncusInstance | undefined): ComparedKey[] {
  const config = found?.config ?? {};
  const declared = image?.system ?? image?.rootfs;
  const actual = config[label.system] ?? config[label.rootfs];
  return declared === undefined && actual === undefined ? [] : [defined({ key: "image", declared, actual })];
}

function sourceOf(name: string, { devices, profiles }: IncusInstance, known: readonly IncusProfile[]): string {
  if (Object.hasOwn(devices ?? {}, name)) return "instance";
  const from = profiles.findLast((profile) =>
    Object.hasOwn(known.find((one) => one.name === profile)?.devices ?? {}, name),
  );
  return from === undefined ? "profile" : `profile ${from}`;
}
