/** From an instance as it is described to what Incus is to hold. Pure. */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { Evaluation, ImageDerivations } from "../model/evaluation.ts";
import type { Gpu, HealthCheck, Instance, Mount, Network, Port, Volume } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { defined } from "../util/defined.ts";
import { digest } from "./digest.ts";
import { instanceAddress } from "./labels.ts";

export interface DesiredImage {
  /** Store paths. */
  readonly rootfs: string;
  readonly metadata: string;
}

/** An instance in Incus' own terms. Its root disk is the profile's, unless a device says otherwise. */
export interface DesiredInstance {
  readonly address: string;
  readonly name: string;
  readonly container: string;
  readonly server: string;
  readonly project: string;
  readonly image: DesiredImage;
  readonly description: string;
  readonly profiles: readonly string[];
  /** Without floe's labels. */
  readonly config: StringMap;
  readonly devices: DeviceMap;
  readonly autostart: boolean;
  readonly volumes: readonly Volume[];
  readonly health: readonly HealthCheck[];
  readonly keep: number;
}

export interface Desired {
  readonly instance: DesiredInstance;
  readonly problems: readonly Problem[];
}

export function desiredInstance(instance: Instance, image: DesiredImage): Desired {
  const generated = { config: generatedConfig(instance), devices: generatedDevices(instance) };
  const problems = [
    ...clashes(instance, "config key", generated.config, instance.config),
    ...clashes(instance, "device", generated.devices, instance.devices),
    ...keptKeys(instance),
  ];
  return {
    instance: {
      address: instanceAddress(instance),
      name: instance.name,
      container: instance.container,
      server: instance.server,
      project: instance.project,
      image,
      description: instance.description,
      profiles: instance.profiles,
      config: { ...generated.config, ...instance.config },
      devices: { ...generated.devices, ...instance.devices },
      autostart: instance.autostart,
      volumes: Object.values(instance.volumes),
      health: instance.health,
      keep: instance.keep,
    },
    problems,
  };
}

/** The store paths of a container's image, or undefined when it does not evaluate. */
export function desiredImage(evaluation: Evaluation, container: string): DesiredImage | undefined {
  const image = evaluation.images[container];
  return image?.ok ? storePaths(image.value) : undefined;
}

function storePaths({ rootfs, metadata }: ImageDerivations): DesiredImage {
  return { rootfs: rootfs.outPath, metadata: metadata.outPath };
}

// --- internal ---

function generatedConfig({ autostart, cloudInit, network }: Instance): Record<string, string> {
  return defined({
    "boot.autostart": String(autostart),
    "cloud-init.user-data": cloudInit?.userData,
    "cloud-init.vendor-data": cloudInit?.vendorData,
    "cloud-init.network-config": cloudInit?.networkConfig ?? networkConfig(network),
  });
}

/**
 * A static address on a bridge that Incus does not manage can only be set inside the container: Incus' `ipv4.address` is a
 * DHCP lease of its own networks. Images with cloud-init read it from here; others set it in their NixOS configuration.
 */
function networkConfig(network: Network | undefined): string | undefined {
  if (network?.bridge === undefined || network.address === undefined) return undefined;
  const { address, gateway } = network;
  const route = gateway === undefined ? {} : { routes: [{ to: "default", via: gateway }] };
  // JSON is YAML.
  return JSON.stringify({ version: 2, ethernets: { eth0: { addresses: [address], ...route } } });
}

function generatedDevices(instance: Instance): Record<string, StringMap> {
  return {
    ...(instance.network === undefined ? {} : { eth0: nicDevice(instance.network) }),
    ...diskDevices(instance),
    ...Object.fromEntries(
      instance.ports.map((port) => [
        portName(port, instance.ports),
        { type: "proxy", listen: port.listen, connect: port.connect },
      ]),
    ),
    ...(instance.gpu === undefined ? {} : { "floe-gpu": gpuDevice(instance.gpu) }),
  };
}

function nicDevice({ bridge, network, address, mac }: Network): StringMap {
  const place = bridge === undefined ? { network } : { nictype: "bridged", parent: bridge };
  return defined({
    type: "nic",
    name: "eth0",
    ...place,
    ...(network === undefined ? {} : staticLease(address)),
    hwaddr: mac,
  }) as StringMap;
}

/** Without its prefix length, which the managed network itself has. */
function staticLease(address: string | undefined): StringMap {
  const [ip] = address?.split("/") ?? [];
  if (ip === undefined) return {};
  return ip.includes(":") ? { "ipv6.address": ip } : { "ipv4.address": ip };
}

function diskDevices({ mounts, volumes }: Instance): Record<string, StringMap> {
  const disks = new Map<string, StringMap>();
  for (const [path, mount] of Object.entries(mounts)) disks.set(path, mountDevice(path, mount));
  for (const [path, { pool, name }] of Object.entries(volumes))
    disks.set(path, { type: "disk", pool, source: name, path });
  const paths = [...disks.keys()];
  return Object.fromEntries([...disks].map(([path, device]) => [diskName(path, paths), device]));
}

function mountDevice(path: string, { source, shift, readonly }: Mount): StringMap {
  return { type: "disk", source, path, ...(shift ? { shift: "true" } : {}), ...(readonly ? { readonly: "true" } : {}) };
}

/** Incus: at most 64 characters, no slash. */
const longestDeviceName = 64;

/** `/var/lib/immich` → `floe-var-lib-immich`; with a hash of the path where that is too long or fits another path as well. */
function diskName(path: string, paths: readonly string[]): string {
  const name = plainDiskName(path);
  const isShared = paths.some((other) => other !== path && plainDiskName(other) === name);
  if (!isShared && name.length <= longestDeviceName) return name;
  return `${name.slice(0, longestDeviceName - 9)}-${digest(path).slice(0, 8)}`;
}

function plainDiskName(path: string): string {
  const words = path.split("/").filter((word) => word !== "");
  return ["floe", ...words.map((word) => word.replace(/[^A-Za-z0-9._-]/g, "_"))].join("-");
}

/** `floe-port-8081`, `floe-port-53-udp`; with the address where the same port is forwarded on several. */
function portName(port: Port, ports: readonly Port[]): string {
  const name = plainPortName(port);
  const isShared = ports.some((other) => other !== port && plainPortName(other) === name);
  return isShared
    ? `${name}-on-${port.listen
        .replace(/^\w+:/, "")
        .replace(/:[^:]*$/, "")
        .replace(/[^A-Za-z0-9.]/g, "_")}`
    : name;
}

function plainPortName({ listen }: Port): string {
  const protocol = listen.split(":")[0];
  return `floe-port-${listen.slice(listen.lastIndexOf(":") + 1)}${protocol === "tcp" ? "" : `-${protocol}`}`;
}

function gpuDevice({ vendor, product, pci }: Gpu): StringMap {
  return defined({ type: "gpu", gputype: "physical", vendorid: vendor, productid: product, pci }) as StringMap;
}

function clashes(
  instance: Instance,
  what: string,
  generated: Readonly<Record<string, unknown>>,
  verbatim: Readonly<Record<string, unknown>>,
): Problem[] {
  return Object.keys(verbatim)
    .filter((key) => Object.hasOwn(generated, key) && JSON.stringify(generated[key]) !== JSON.stringify(verbatim[key]))
    .map((key) => ({
      subject: `instance ${instance.name}`,
      message: `The ${what} "${key}" is given twice: by itself, and through ${sourceOf(key)}`,
      hint: "Keep one of the two",
    }));
}

/** What in the description of an instance makes this key or device. */
function sourceOf(key: string): string {
  if (key === "boot.autostart") return '"autostart"';
  if (key === "eth0") return '"network"';
  if (key === "cloud-init.network-config") return '"cloudInit" or a static address in "network"';
  return key.startsWith("cloud-init.") ? '"cloudInit"' : '"mounts", "volumes", "ports" or "gpu"';
}

function keptKeys(instance: Instance): Problem[] {
  return Object.keys(instance.config)
    .filter((key) => /^(volatile|image|user\.floe)\./.test(key))
    .map((key) => ({
      subject: `instance ${instance.name}`,
      message: `The config key "${key}" cannot be set: Incus or floe keeps it`,
    }));
}
