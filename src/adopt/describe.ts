/** An instance or profile of Incus as a project says it, so that what is read back is what is there. Pure. */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import { isKept } from "../plan/labels.ts";
import { without } from "./omit.ts";
import type { Code, Printable } from "./typescript.ts";

export interface Found {
  readonly name: string;
  readonly type: string;
  /** As Incus says it: `Running`, `Stopped`. */
  readonly status: string;
  readonly description: string;
  readonly profiles: readonly string[];
  readonly config: StringMap;
  readonly devices: DeviceMap;
}

export interface Described {
  /** What goes into `instances: { NAME: … }`. */
  readonly spec: { readonly [key: string]: Printable | undefined };
  /** Further files by their path below the container's own folder. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Place {
  /** Absent: the fleet has one server. */
  readonly server?: string | undefined;
  /** Absent: `default`. */
  readonly project?: string | undefined;
}

/** The documents of cloud-init by their config key. */
const seeds = {
  "cloud-init.user-data": ["userData", "user-data.yaml"],
  "cloud-init.vendor-data": ["vendorData", "vendor-data.yaml"],
  "cloud-init.network-config": ["networkConfig", "network-config.yaml"],
} as const;

export function describeInstance(found: Found, { server, project }: Place): Described {
  const config = Object.fromEntries(Object.entries(found.config).filter(([key]) => !isKept(key)));
  const { "boot.autostart": autostart, ...rest } = config;
  const cloudInit = describeSeeds(found.name, rest);
  const network = describeNetwork(found.devices["eth0"]);
  const verbatim = without(rest, Object.keys(seeds));
  const limits = group(verbatim, /^limits\.(\w+)$/);
  const environment = group(verbatim, /^environment\.([A-Za-z_]\w*)$/);
  const boot = describeBoot(verbatim);
  const snapshots = describeSnapshots(verbatim);
  const taken = [limits, environment, boot, snapshots].flatMap((part) => part.keys);
  const devices = network === undefined ? found.devices : without(found.devices, ["eth0"]);
  const isDefault = found.profiles.length === 1 && found.profiles[0] === "default";
  return {
    spec: {
      server,
      project,
      type: found.type === "virtual-machine" ? "virtual-machine" : undefined,
      description: found.description === "" ? undefined : found.description,
      // What rests and was never told to start is not to be started now.
      autostart: autostart === "false" || (autostart === undefined && found.status !== "Running") ? false : undefined,
      boot: boot.value,
      profiles: isDefault ? undefined : found.profiles,
      network,
      limits: filled(limits.value),
      environment: filled(environment.value),
      snapshots: snapshots.value,
      cloudInit: filled(cloudInit.spec),
      config: filled(without(verbatim, taken)),
      devices: filled(typeFirst(devices)),
    },
    files: cloudInit.files,
  };
}

export function describeProfile({ description, config, devices }: Pick<Found, "description" | "config" | "devices">): {
  readonly [key: string]: Printable | undefined;
} {
  const own = Object.fromEntries(Object.entries(config).filter(([key]) => !isKept(key)));
  return {
    description: description === "" ? undefined : description,
    config: filled(own),
    devices: filled(typeFirst(devices)),
  };
}

/** What a profile says becomes what the instance itself says; the instance wins, as in Incus. */
export function fold(
  found: Found,
  profile: { readonly name: string; readonly config: StringMap; readonly devices: DeviceMap },
): Found {
  const config = Object.fromEntries(Object.entries(profile.config).filter(([key]) => !isKept(key)));
  return {
    ...found,
    profiles: found.profiles.filter((name) => name !== profile.name),
    config: { ...config, ...found.config },
    devices: { ...profile.devices, ...found.devices },
  };
}

// --- internal ---

interface Part<T> {
  readonly keys: readonly string[];
  readonly value: T;
}

function group(config: StringMap, pattern: RegExp): Part<Record<string, string>> {
  const found = Object.entries(config).flatMap(([key, value]) => {
    const name = pattern.exec(key)?.[1];
    return name === undefined ? [] : [{ key, name, value }];
  });
  return {
    keys: found.map(({ key }) => key),
    value: Object.fromEntries(found.map(({ name, value }) => [name, value])),
  };
}

const bootKeys = {
  "boot.autostart.priority": "priority",
  "boot.autostart.delay": "delay",
  "boot.host_shutdown_timeout": "shutdownTimeout",
} as const;

/** Numbers of seconds are milliseconds where a project says them as numbers, so they get their unit. */
function describeBoot(config: StringMap): Part<Printable | undefined> {
  const found = Object.entries(bootKeys).flatMap(([key, name]) => {
    const value = config[key];
    return value !== undefined && /^(0|[1-9]\d{0,5})$/.test(value)
      ? [{ key, entry: [name, name === "priority" ? Number(value) : `${value}s`] as const }]
      : [];
  });
  return {
    keys: found.map(({ key }) => key),
    value: found.length === 0 ? undefined : Object.fromEntries(found.map(({ entry }) => entry)),
  };
}

function describeSnapshots(config: StringMap): Part<Printable | undefined> {
  const names = ["schedule", "expiry", "pattern"] as const;
  const keys = names.map((name) => `snapshots.${name}`).filter((key) => config[key] !== undefined);
  const schedule = config["snapshots.schedule"];
  if (schedule === undefined || !/^(@\w+|[\d*/,-]+( [\d*/,-]+){4})$/.test(schedule))
    return { keys: [], value: undefined };
  const value =
    keys.length === 1
      ? schedule
      : Object.fromEntries(keys.map((key) => [key.slice("snapshots.".length), config[key] ?? ""]));
  return { keys, value };
}

function describeSeeds(name: string, config: StringMap): { spec: Record<string, Code>; files: Record<string, string> } {
  const spec: Record<string, Code> = {};
  const files: Record<string, string> = {};
  for (const [key, [field, file]] of Object.entries(seeds)) {
    const text = config[key];
    if (text === undefined) continue;
    files[`${name}/${file}`] = text;
    spec[field] = { code: `nix.path(${JSON.stringify(`./${name}/${file}`)})` };
  }
  return { spec, files };
}

/** Only what says the same in every key; anything else stays a device as it is. */
function describeNetwork(device: StringMap | undefined): Printable | undefined {
  if (device === undefined || device["type"] !== "nic" || device["name"] !== "eth0") return undefined;
  const { type: _, name: __, nictype, parent, network, hwaddr, ...others } = device;
  if (Object.keys(others).length > 0) return undefined;
  const mac = hwaddr === undefined ? {} : { mac: hwaddr.toLowerCase() };
  if (hwaddr !== undefined && hwaddr !== hwaddr.toLowerCase()) return undefined;
  if (nictype === "bridged" && parent !== undefined && network === undefined) return { bridge: parent, ...mac };
  return network !== undefined && nictype === undefined && parent === undefined ? { network, ...mac } : undefined;
}

/** As people write them; Incus answers in the order of the alphabet. */
function typeFirst(devices: DeviceMap): Record<string, StringMap> {
  return Object.fromEntries(
    Object.entries(devices).map(([name, { type, ...keys }]) => [name, type === undefined ? keys : { type, ...keys }]),
  );
}

function filled<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
