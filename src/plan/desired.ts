/** From an instance as it is described to what Incus is to hold. Pure. */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { Evaluation, ImageDerivations } from "../model/evaluation.ts";
import type { Fleet, ForeignImage, HealthCheck, Instance, Network, UpdateStrategy, Volume } from "../model/fleet.ts";
import type { ForeignSource, Problem } from "../model/plan.ts";
import { defined } from "../util/defined.ts";
import { generatedDevices } from "./devices.ts";
import { foreignImage } from "./foreign-images.ts";
import { instanceAddress } from "./labels.ts";
import { type SeedFiles, seedFiles, seedHash, seedHashKey } from "./seed.ts";

/** What an image is made from. */
export interface DesiredImage {
  /** Store paths; of an image that floe does not build, what it is known by: see `foreign-images.ts`. */
  readonly rootfs: string;
  readonly metadata: string;
  /** The system itself, for an instance that is updated in place: then the image is only what a new root is made of. */
  readonly system?: string;
  readonly foreign?: ForeignSource;
}

/** An instance in Incus' own terms. Its root disk is the profile's, unless a device says otherwise. */
export interface DesiredInstance {
  readonly address: string;
  readonly name: string;
  readonly container: string;
  readonly server: string;
  readonly project: string;
  readonly image: DesiredImage;
  readonly type: "container" | "virtual-machine";
  /** A member of the cluster, or `@group`; counts when it is made. */
  readonly member?: string;
  readonly description: string;
  readonly profiles: readonly string[];
  /** Without floe's labels. */
  readonly config: StringMap;
  readonly devices: DeviceMap;
  /** Written into a new root file system before its first start. */
  readonly seed?: SeedFiles;
  readonly autostart: boolean;
  readonly volumes: readonly Volume[];
  readonly health: readonly HealthCheck[];
  readonly update: UpdateStrategy;
  readonly keep: number;
  /** What becomes of a change by hand; absent: it is kept. */
  readonly drift?: "keep" | "fix";
  /** The content of those of its profiles that the fleet owns, by name. */
  readonly own?: Readonly<Record<string, { readonly config: StringMap; readonly devices: DeviceMap }>>;
}

export interface Desired {
  readonly instance: DesiredInstance;
  readonly problems: readonly Problem[];
}

export function desiredInstance(instance: Instance, image: DesiredImage): Desired {
  const seed = seedOf(instance);
  const generated = { config: generatedConfig(instance, seed), devices: generatedDevices(instance) };
  const problems = [
    ...clashes(instance, "config key", generated.config, instance.config),
    ...clashes(instance, "device", generated.devices, instance.devices),
    ...keptKeys(instance),
  ];
  return {
    instance: defined({
      address: instanceAddress(instance),
      name: instance.name,
      container: instance.container,
      server: instance.server,
      project: instance.project,
      image,
      type: instance.type ?? ("container" as const),
      member: instance.member,
      description: instance.description,
      profiles: instance.profiles,
      config: { ...generated.config, ...instance.config },
      devices: { ...generated.devices, ...instance.devices },
      seed,
      autostart: instance.autostart,
      volumes: Object.values(instance.volumes),
      health: instance.health,
      update: instance.update,
      keep: instance.keep,
    }),
    problems,
  };
}

/** The image of an instance. `find` looks for one that floe does not build on the instance's server. */
export function imageFor(
  instance: Instance,
  { fleet, evaluation }: { readonly fleet: Fleet; readonly evaluation: Evaluation },
  find: (image: ForeignImage) => { readonly fingerprint: string } | undefined,
): DesiredImage | undefined {
  const image = fleet.containers[instance.container]?.image;
  if (image === undefined) return desiredImage(evaluation, instance);
  return foreignImage(image, instance, find(image)?.fingerprint);
}

/** The store paths of a container's image, or undefined when it does not evaluate. */
export function desiredImage(
  evaluation: Evaluation,
  { container, update }: Pick<Instance, "container" | "update">,
): DesiredImage | undefined {
  const image = evaluation.images[container];
  if (image?.ok !== true) return undefined;
  return update === "in-place" ? inPlacePaths(image.value) : storePaths(image.value);
}

function storePaths({ rootfs, metadata }: ImageDerivations): DesiredImage {
  return { rootfs: rootfs.outPath, metadata: metadata.outPath };
}

function inPlacePaths({ metadata, inPlace }: ImageDerivations): DesiredImage | undefined {
  if (inPlace === undefined) return undefined;
  return { rootfs: inPlace.root.outPath, metadata: metadata.outPath, system: inPlace.toplevel.outPath };
}

// --- internal ---

function generatedConfig(instance: Instance, seed: SeedFiles | undefined): StringMap {
  const { autostart, boot, snapshots, environment = {} } = instance;
  return defined({
    "boot.autostart": String(autostart),
    "boot.autostart.priority": text(boot?.priority),
    "boot.autostart.delay": text(boot?.delay),
    "boot.host_shutdown_timeout": text(boot?.shutdownTimeout),
    ...seedConfig(instance, seed),
    "snapshots.schedule": snapshots?.schedule,
    "snapshots.expiry": snapshots?.expiry,
    "snapshots.pattern": snapshots?.pattern,
    ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [`environment.${name}`, value])),
  }) as StringMap;
}

/** The seed as config keys; of a seed that is in files, the hash of these. */
function seedConfig({ cloudInit, network }: Instance, seed: SeedFiles | undefined): Record<string, string | undefined> {
  if (cloudInit?.channel === "nocloud") return { [seedHashKey]: seed && seedHash(seed) };
  return {
    "cloud-init.user-data": cloudInit?.userData,
    "cloud-init.vendor-data": cloudInit?.vendorData,
    "cloud-init.network-config": cloudInit?.networkConfig ?? networkConfig(network),
  };
}

/** The files of its seed, where it has one that is in files. */
export function seedOf({ cloudInit, network, name }: Instance): SeedFiles | undefined {
  if (cloudInit === undefined) return undefined;
  return seedFiles(defined({ ...cloudInit, networkConfig: cloudInit.networkConfig ?? networkConfig(network) }), name);
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

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function clashes(
  instance: Instance,
  what: "config key" | "device",
  generated: Readonly<Record<string, unknown>>,
  verbatim: Readonly<Record<string, unknown>>,
): Problem[] {
  return Object.keys(verbatim)
    .filter((key) => Object.hasOwn(generated, key) && JSON.stringify(generated[key]) !== JSON.stringify(verbatim[key]))
    .map((key) => ({
      subject: `instance ${instance.name}`,
      message: `The ${what} "${key}" is given twice: by itself, and through ${sourceOf(key)}`,
      hint: "Keep one of the two",
      keys: [what === "device" ? "devices" : "config", key],
    }));
}

/** What in the description of an instance makes a key or device; the first that fits. */
const sources: readonly (readonly [pattern: RegExp, source: string])[] = [
  [/^boot\.autostart$/, '"autostart"'],
  [/^boot\./, '"boot"'],
  [/^snapshots\./, '"snapshots"'],
  [/^environment\./, '"environment"'],
  [/^eth0$/, '"network"'],
  [/^root$/, '"root"'],
  [/^cloud-init\.network-config$/, '"cloudInit" or a static address in "network"'],
  [/^(cloud-init\.|user\.nocloud$)/, '"cloudInit"'],
  [/^/, '"mounts", "volumes", "secrets", "ports", "gpu", "usb" or "charDevices"'],
];

function sourceOf(key: string): string {
  return sources.find(([pattern]) => pattern.test(key))?.[1] ?? "";
}

function keptKeys(instance: Instance): Problem[] {
  return Object.keys(instance.config)
    .filter((key) => /^(volatile|image|user\.floe)\./.test(key))
    .map((key) => ({
      subject: `instance ${instance.name}`,
      message: `The config key "${key}" cannot be set: Incus or floe keeps it`,
      keys: ["config", key],
    }));
}
