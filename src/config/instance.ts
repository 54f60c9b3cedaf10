import type { ForeignImage, Instance, UpdateStrategy } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { nearest } from "../util/nearest.ts";
import { readCloudInit } from "./cloud-init.ts";
import { readDevices, readInstanceConfig } from "./devices.ts";
import type { ReadText } from "./document.ts";
import type { Field } from "./field.ts";
import { readCharDevices, readRoot, readUsb } from "./hardware.ts";
import { readHealthCheck } from "./health.ts";
import { readLimits } from "./limits.ts";
import { instanceNameRule, isInstanceName } from "./names.ts";
import { readGpu, readNetwork } from "./network.ts";
import { readPorts } from "./ports.ts";
import { readScalar } from "./scalar.ts";
import { readBoot, readSnapshots } from "./schedule.ts";
import { type ReadVolume, readMounts, readSecrets, readVolumes } from "./storage.ts";
import { readTags } from "./tags.ts";

/** An instance with where it was written and what only the checks across the fleet need. */
export interface ReadInstance {
  readonly instance: Instance;
  readonly field: Field;
  readonly volumes: Readonly<Record<string, ReadVolume>>;
}

export interface InstanceContext {
  readonly container: string;
  /** The names of the fleet's Incus servers. */
  readonly servers: readonly string[];
  readonly readText: ReadText;
  /** Of the container, where floe does not build one. */
  readonly image?: ForeignImage;
  /** What the container says for all its instances. */
  readonly type?: InstanceType;
}

// biome-ignore format: rows say more than a key a line
const instanceKeys = [
  "server", "project", "member", "type", "description", "tags", "autostart", "boot", "profiles", "network", "root", "mounts", "volumes",
  "secrets", "environment", "ports", "gpu", "usb", "charDevices", "limits", "snapshots", "config", "devices", "cloudInit", "dependsOn",
  "health", "update", "keep",
] as const;

/** One instance with its defaults filled in. */
export function readInstance(spec: Field, name: string, context: InstanceContext): ReadInstance {
  const label = `instance "${name}"`;
  const field = spec.named(label);
  if (!isInstanceName(name)) field.report(`Name "${name}" of an instance must ${instanceNameRule}`);
  const keys = field.keys(...instanceKeys);
  const volumes = readVolumes(keys.volumes, label);
  const devices = readDevices(keys.devices, label);
  checkDevices(keys, devices, label);
  const type = keys.type.optional(readType) ?? context.type;
  const instance: Instance = defined({
    name,
    container: context.container,
    server: readServer(keys.server, field, context.servers),
    project:
      keys.project.optional((project) => project.textLike(isProjectName, "be the name of an Incus project")) ??
      "default",
    member: keys.member.optional((member) =>
      member.textLike((text) => /^@?[\w.-]+$/.test(text), 'be a member of the cluster, or "@group"'),
    ),
    // A container is what there is when nothing is said.
    type: type === "container" ? undefined : type,
    description: keys.description.optional((description) => description.text()) ?? "",
    tags: readTags(keys.tags),
    autostart: keys.autostart.flag(true),
    boot: keys.boot.optional(readBoot),
    profiles: keys.profiles.isGiven
      ? keys.profiles.list((profile) => profile.textLike(isFilled, "be the name of a profile"))
      : ["default"],
    network: keys.network.optional(readNetwork),
    root: keys.root.optional(readRoot),
    mounts: readMounts(keys.mounts, label),
    volumes: Object.fromEntries(Object.entries(volumes).map(([path, { shared: _, ...volume }]) => [path, volume])),
    secrets: keys.secrets.optional((secrets) => readSecrets(secrets, label)),
    environment: keys.environment.optional((environment) => readEnvironment(environment, label)),
    ports: readPorts(keys.ports, label),
    gpu: keys.gpu.optional(readGpu),
    usb: keys.usb.optional(readUsb),
    charDevices: keys.charDevices.optional((all) => readCharDevices(all, label)),
    snapshots: keys.snapshots.optional(readSnapshots),
    config: readConfig(keys, label),
    devices,
    cloudInit: keys.cloudInit.optional((cloudInit) => readCloudInit(cloudInit, context.readText)),
    dependsOn: keys.dependsOn.optional((names) =>
      names.list((other) => other.textLike(isFilled, "be the name of an instance")),
    ),
    health: keys.health.list(readHealthCheck),
    update: readUpdate(keys.update, { image: context.image, type }),
    keep: keys.keep.integer(1, 1000, 2),
  });
  checkMachine(instance, keys);
  return { instance, field, volumes };
}

export type InstanceType = NonNullable<Instance["type"]>;

export function readType(field: Field): InstanceType {
  if (field.value === "virtual-machine" || field.value === "container") return field.value;
  field.must('be "container" or "virtual-machine"');
  return "container";
}

// --- internal ---

type InstanceFields = Readonly<Record<(typeof instanceKeys)[number], Field>>;

/** Two ways to say one device would be one too many. */
function checkDevices(keys: InstanceFields, devices: Instance["devices"], label: string): void {
  if (keys.network.isGiven && Object.hasOwn(devices, "eth0"))
    keys.devices
      .child("eth0", undefined)
      .report(`Device "eth0" of ${label} is made from its "network" already`, "Keep one of the two");
  const root = Object.entries(devices).find(([, device]) => device["type"] === "disk" && device["path"] === "/");
  if (keys.root.isGiven && root !== undefined)
    keys.devices
      .child(root[0], undefined)
      .report(`Device "${root[0]}" of ${label} is its root disk, as is its "root"`, "Keep one of the two");
}

/** What only a container can have: the files of a machine that is stopped cannot be reached. */
function checkMachine({ type, cloudInit, secrets, charDevices }: Instance, keys: InstanceFields): void {
  if (type !== "virtual-machine") return;
  if (cloudInit?.channel === "nocloud")
    keys.cloudInit
      .child("channel", undefined)
      .report(
        'A virtual machine takes its seed from Incus: the channel "nocloud" is for containers',
        'Leave "channel" out',
      );
  if (secrets !== undefined)
    keys.secrets.fail("cannot be given to a virtual machine", "Mount the folder that holds the files instead");
  if (charDevices !== undefined) keys.charDevices.fail("cannot be given to a virtual machine");
}

/** The limits are config keys too; each key can be said once. */
function readConfig(keys: InstanceFields, label: string): Record<string, string> {
  const config = readInstanceConfig(keys.config, label);
  const limits = readLimits(keys.limits, label);
  for (const key of Object.keys(limits))
    if (Object.hasOwn(config, key))
      keys.config
        .child(key, undefined)
        .report(`Config key "${key}" of ${label} is said by its "limits" already`, "Keep one of the two");
  return { ...config, ...limits };
}

function readEnvironment(field: Field, label: string): Record<string, string> {
  return field.entries((value, name) => {
    if (!/^[A-Za-z_]\w*$/.test(name))
      value.report(`Name "${name}" of a variable of ${label} must be letters, digits and _ that begin with no digit`);
    return readScalar(value.named(`variable "${name}" of ${label}`));
  });
}

/** The server it runs on: the one that is named, "local" when the fleet has it, or the only one there is. */
function readServer(field: Field, instance: Field, servers: readonly string[]): string {
  const list = servers.map((server) => `"${server}"`).join(", ");
  if (!field.isGiven) {
    const fallback = servers.includes("local") ? "local" : servers.length === 1 ? servers[0] : undefined;
    if (fallback === undefined) instance.fail("must name its server", `Servers of this fleet: ${list}`);
    return fallback ?? "local";
  }
  const server = field.text("be the name of an Incus server");
  if (server !== "" && !servers.includes(server)) {
    const suggestion = nearest(server, servers);
    const message = `Unknown server "${server}" of ${instance.label}`;
    field.report(
      suggestion === undefined ? message : `${message}; did you mean "${suggestion}"?`,
      suggestion === undefined ? `Servers of this fleet: ${list}` : undefined,
    );
  }
  return server;
}

const strategies = ["swap", "swap-warm", "rebuild", "in-place"] as const;

/** In place needs a system that floe built, in a container that shares the store of its server. */
function readUpdate(
  field: Field,
  { image, type }: { readonly image: ForeignImage | undefined; readonly type: InstanceType | undefined },
): UpdateStrategy {
  const update = strategies.find((strategy) => strategy === field.value);
  if (field.isGiven && update === undefined)
    field.must(
      `be ${strategies
        .map((strategy) => `"${strategy}"`)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1")}`,
    );
  if (update === "in-place" && (image !== undefined || type === "virtual-machine"))
    field.fail('cannot be "in-place": floe does not build its system', 'Use "swap" or "rebuild"');
  return update ?? "swap";
}

function isFilled(text: string): boolean {
  return text.trim() !== "";
}

function isProjectName(name: string): boolean {
  return /^[^\s/_'"*]{1,63}$/.test(name);
}
