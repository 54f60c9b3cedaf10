/**
 * Parking: while two instances of one name exist, only one may own the name's MAC and IP addresses and start with the
 * machine. The other is parked: these are taken off and kept in a label, from which they come back unchanged.
 *
 * Incus refuses to start an instance whose MAC address any other has, even one that is stopped; the same for static
 * addresses of a managed network.
 */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import { label, type Role } from "./labels.ts";

interface Identity {
  readonly config: StringMap;
  readonly devices: DeviceMap;
}

/** What was taken off. */
export interface Parked {
  /** `volatile.NIC.hwaddr` */
  readonly addresses: StringMap;
  /** By nic device. */
  readonly nics: DeviceMap;
  readonly autostart?: string;
  /** Devices that others stand in for during a trial, see `trial.ts`; null for one that only a profile has. */
  readonly trial?: Readonly<Record<string, StringMap | null>>;
}

const soleKeys = ["hwaddr", "ipv4.address", "ipv6.address"];
const autostartKey = "boot.autostart";

/** Parking what is parked changes its role only. */
export function park<T extends Identity>(body: T, role: Role): T {
  const labelled = { ...body, config: { ...body.config, [label.role]: role } };
  if (body.config[label.parked] !== undefined) return labelled;
  const parked = takeOff(body);
  const config = Object.fromEntries(Object.entries(labelled.config).filter(([key]) => !isAddress(key)));
  const devices = Object.fromEntries(
    Object.entries(body.devices).map(([name, device]) => [name, without(device, parked.nics[name])]),
  );
  return { ...body, config: { ...config, [autostartKey]: "false", [label.parked]: JSON.stringify(parked) }, devices };
}

/** Gives back what parking took off. `addresses` replace the MAC addresses it had: a successor takes its predecessor's. */
export function unpark<T extends Identity>(body: T, role: Role, addresses?: StringMap): T {
  const parked = readParked(body.config);
  const { [label.parked]: _, [autostartKey]: _parkedAutostart, ...config } = body.config;
  const labelled = { ...config, [label.role]: role };
  if (parked === undefined) return { ...body, config: { ...body.config, ...addresses, [label.role]: role } };
  return {
    ...body,
    config: {
      ...labelled,
      ...parked.addresses,
      ...addresses,
      ...(parked.autostart === undefined ? {} : { [autostartKey]: parked.autostart }),
    },
    devices: Object.fromEntries(
      Object.entries(afterTrial(body.devices, parked.trial)).map(([name, device]) => [
        name,
        { ...device, ...parked.nics[name] },
      ]),
    ),
  };
}

/** Undefined for what is not parked. */
export function readParked(config: StringMap): Parked | undefined {
  const text = config[label.parked];
  if (text === undefined) return undefined;
  try {
    return { addresses: {}, nics: {}, ...(JSON.parse(text) as Partial<Parked>) };
  } catch {
    return { addresses: {}, nics: {} };
  }
}

/** The MAC addresses of a parked instance that a successor with these devices can use. */
export function addressesFor(predecessor: StringMap, devices: DeviceMap): StringMap {
  const addresses = readParked(predecessor)?.addresses ?? {};
  return Object.fromEntries(Object.entries(addresses).filter(([key]) => needsAddress(devices[nicOf(key)])));
}

// --- internal ---

function afterTrial(devices: DeviceMap, trial: NonNullable<Parked["trial"]> = {}): DeviceMap {
  const kept = Object.entries(devices).filter(([name]) => !Object.hasOwn(trial, name));
  const back = Object.entries(trial).filter((entry): entry is [string, StringMap] => entry[1] !== null);
  return Object.fromEntries([...kept, ...back]);
}

function takeOff({ config, devices }: Identity): Parked {
  const autostart = config[autostartKey];
  const nics = Object.entries(devices).flatMap(([name, device]) => {
    const sole = device["type"] === "nic" ? Object.entries(device).filter(([key]) => soleKeys.includes(key)) : [];
    return sole.length === 0 ? [] : [[name, Object.fromEntries(sole)] as const];
  });
  return {
    addresses: Object.fromEntries(Object.entries(config).filter(([key]) => isAddress(key))),
    nics: Object.fromEntries(nics),
    ...(autostart === undefined ? {} : { autostart }),
  };
}

function isAddress(key: string): boolean {
  return /^volatile\..+\.hwaddr$/.test(key) && !key.endsWith(".last_state.hwaddr");
}

function nicOf(key: string): string {
  return key.slice("volatile.".length, -".hwaddr".length);
}

/** A nic whose own `hwaddr` is given needs none of its predecessor's. */
function needsAddress(device: StringMap | undefined): boolean {
  return device?.["type"] === "nic" && device["hwaddr"] === undefined;
}

function without(device: StringMap, taken: StringMap | undefined): StringMap {
  return taken === undefined
    ? device
    : Object.fromEntries(Object.entries(device).filter(([key]) => !Object.hasOwn(taken, key)));
}
