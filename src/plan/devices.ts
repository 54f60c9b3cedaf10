/** The Incus devices that an instance's description makes. Pure. */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { CharDevice, Gpu, Instance, Mount, Network, Port, Usb } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { digest } from "./digest.ts";
import { seedFolder } from "./seed.ts";

/** Names begin with `floe-`, but for those that Incus itself or a profile calls so: `eth0` and `root`. */
export function generatedDevices(instance: Instance): DeviceMap {
  const { network, root, ports, gpu, usb = [] } = instance;
  return {
    ...(network === undefined ? {} : { eth0: nicDevice(network) }),
    // Incus lets an instance replace the root device of its profiles only whole, and by its name.
    ...(root === undefined ? {} : { root: defined({ type: "disk", path: "/", ...root }) as StringMap }),
    ...pathDevices(instance),
    ...Object.fromEntries(ports.map((port) => [portName(port, ports), proxyDevice(port)])),
    ...(gpu === undefined ? {} : { "floe-gpu": gpuDevice(gpu) }),
    ...Object.fromEntries(usb.map((device, index) => [usbName(device, index, usb), usbDevice(device)])),
  };
}

// --- internal ---

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

/** Everything that is seen at a path. */
function pathDevices({ update, mounts, volumes, secrets = {}, charDevices = {}, cloudInit }: Instance): DeviceMap {
  const made = new Map<string, StringMap>();
  for (const [path, mount] of Object.entries(mounts)) made.set(path, mountDevice(path, mount));
  for (const [path, { pool, name }] of Object.entries(volumes))
    made.set(path, { type: "disk", pool, source: name, path });
  for (const [path, source] of Object.entries(secrets)) made.set(path, mountDevice(path, readOnly(source)));
  for (const [path, device] of Object.entries(charDevices)) made.set(path, charDevice(path, device));
  // Incus refuses to mount read-only what is mounted below it as well; a store is one file system.
  if (update === "in-place") made.set(serverStore, mountDevice(serverStore, readOnly(serverStore)));
  if (cloudInit?.folder !== undefined) made.set(seedFolder, mountDevice(seedFolder, readOnly(cloudInit.folder)));
  const paths = [...made.keys()];
  return Object.fromEntries([...made].map(([path, device]) => [diskName(path, paths), device]));
}

/** The same inside and outside: store paths name each other. */
const serverStore = "/nix/store";

function readOnly(source: string): Mount {
  return { source, shift: true, readonly: true };
}

function mountDevice(path: string, { source, shift, readonly }: Mount): StringMap {
  return { type: "disk", source, path, ...(shift ? { shift: "true" } : {}), ...(readonly ? { readonly: "true" } : {}) };
}

function charDevice(path: string, { source, uid, gid, mode }: CharDevice): StringMap {
  const owner = { uid: uid === undefined ? undefined : String(uid), gid: gid === undefined ? undefined : String(gid) };
  return defined({ type: "unix-char", source, path, ...owner, mode }) as StringMap;
}

function proxyDevice({ listen, connect }: Port): StringMap {
  return { type: "proxy", listen, connect };
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
  return ["floe", ...path.split("/").filter((word) => word !== "")].map(plain).join("-");
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

/** `floe-usb-0bda-2838`; with its number where two are described alike. */
function usbName(device: Usb, index: number, all: readonly Usb[]): string {
  const name = plainUsbName(device);
  const isShared = all.some((other) => other !== device && plainUsbName(other) === name);
  return isShared ? `${name}-${index + 1}` : name;
}

function plainUsbName({ vendor, product, serial }: Usb): string {
  const words = [vendor, product, serial].filter((word) => word !== undefined).map(plain);
  return ["floe-usb", ...words].join("-").slice(0, longestDeviceName - 4);
}

function usbDevice({ vendor, product, serial, required }: Usb): StringMap {
  return defined({
    type: "usb",
    vendorid: vendor,
    productid: product,
    serial,
    required: required ? "true" : undefined,
  }) as StringMap;
}

function plain(word: string): string {
  return word.replace(/[^A-Za-z0-9._-]/g, "_");
}
