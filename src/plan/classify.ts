/**
 * How far-reaching a change of config or devices is. The sources are the "live update" column of Incus' configuration
 * reference (`/1.0/metadata/configuration`), and, where that is not enough, what the programs in the container notice.
 */
import type { StringMap } from "../incus/types.ts";
import type { UpdateStrategy } from "../model/fleet.ts";
import type { DifferenceReach } from "../model/plan.ts";

/**
 * In order: each one includes those before it. `image` is another image, `root` needs a new root file system even of the same
 * image, `instance` one that only a new instance can have.
 */
export const reaches = ["none", "live", "restart", "image", "root", "instance"] as const;
export type Reach = (typeof reaches)[number];

/** What a reach means for an instance of this strategy; undefined where nothing has to happen. */
export function methodFor(reach: Reach, update: UpdateStrategy): DifferenceReach | undefined {
  switch (reach) {
    case "none":
      return undefined;
    case "live":
    case "restart":
      return reach;
    case "image":
      return update;
    // Switching inside the container leaves its root as it is.
    case "root":
      return update === "in-place" ? "swap" : update;
    case "instance":
      return update === "swap-warm" ? "swap-warm" : "swap";
  }
}

export function farthest(all: readonly Reach[]): Reach {
  return all.reduce((a, b) => (reaches.indexOf(b) > reaches.indexOf(a) ? b : a), "none" as Reach);
}

interface Rule {
  readonly pattern: RegExp;
  readonly reach: Reach;
  readonly why: string;
}

/** The first that fits counts. A key that nothing is known of needs a restart: that is always enough. */
export const configRules: readonly Rule[] = [
  {
    pattern: /^(?:(?:cloud-init|user)\.(?:user-data|vendor-data|network-config)|user\.nocloud)$/,
    reach: "root",
    why: "cloud-init reads a seed in a new root file system only",
  },
  { pattern: /^user\./, reach: "live", why: "read by nothing but templates and guests" },
  { pattern: /^(boot|snapshots|migration|cluster)\./, reach: "live", why: "read by Incus when the time comes" },
  { pattern: /^limits\.kernel\./, reach: "restart", why: "set when the container starts" },
  { pattern: /^limits\./, reach: "live", why: "control groups" },
  { pattern: /^linux\.kernel_modules$/, reach: "live", why: "loaded at once" },
  { pattern: /^raw\.apparmor$/, reach: "live", why: "the profile is loaded again" },
  { pattern: /^security\.protection\./, reach: "live", why: "checked by Incus itself" },
  {
    pattern: /^security\.syscalls\.intercept\.mount\.(allowed|fuse|shift)$/,
    reach: "live",
    why: "checked at each call",
  },
  // security.nesting is said to be live, but the mounts it allows are made at the start; environment.* reaches only new execs.
  { pattern: /^/, reach: "restart", why: "set when the container starts" },
];

export function reachOfConfig(key: string): Reach {
  return configRules.find(({ pattern }) => pattern.test(key))?.reach ?? "restart";
}

export function whyOfConfig(key: string): string {
  return configRules.find(({ pattern }) => pattern.test(key))?.why ?? "";
}

/** Keys of a root disk that Incus changes in place. */
const rootLive = new Set(["size", "size.state", "limits.read", "limits.write", "limits.max", "io.bus", "io.cache"]);

/** `before` and `after` are the whole device, undefined where there is none. */
export function reachOfDevice(before: StringMap | undefined, after: StringMap | undefined): Reach {
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (key) => before?.[key] !== after?.[key],
  );
  if (keys.length === 0) return "none";
  if (isRoot(before) || isRoot(after))
    return isRoot(before) && isRoot(after) && keys.every((key) => rootLive.has(key)) ? "live" : "instance";
  return farthest([reachOfType(before, keys), reachOfType(after, keys)]);
}

export function isRoot(device: StringMap | undefined): boolean {
  return device?.["type"] === "disk" && device["path"] === "/";
}

/** Why a change of the device reaches that far. */
export function whyOfDevice(before: StringMap | undefined, after: StringMap | undefined, reach: Reach): string {
  if (reach === "instance") return "the root disk of an instance stays where it was made";
  if (isRoot(before) || isRoot(after)) return "changed in place";
  if (reach === "restart") {
    const type = after?.["type"] ?? before?.["type"];
    if (type === "disk") return "programs keep the files they have open below a mount";
    if (type === "nic" || type === "infiniband") return "the interface is configured when the container starts";
    return "attached when the container starts";
  }
  return "attached and detached while it runs";
}

// --- internal ---

function reachOfType(device: StringMap | undefined, keys: readonly string[]): Reach {
  switch (device?.["type"]) {
    case undefined:
      return "none";
    // A program keeps the files it has open under a mount point, and would write where nobody looks.
    case "disk":
      return keys.every((key) => key.startsWith("limits.")) ? "live" : "restart";
    // The interface goes and comes back; what configures it inside runs at the start.
    case "nic":
    case "infiniband":
      return keys.every((key) => key.startsWith("limits.")) ? "live" : "restart";
    case "proxy":
    case "gpu":
    case "usb":
    case "unix-char":
    case "unix-block":
    case "unix-hotplug":
      return "live";
    default:
      return "restart";
  }
}
