/** What runs, as plain data: all that a plan looks at, and nothing that changes by itself. */
import type { DeviceMap, IncusImage, IncusInstance, IncusProfile, IncusVolume, StringMap } from "../incus/types.ts";
import type { Listener } from "../util/listeners.ts";
import type { ConfigSchema } from "./schema.ts";

export type InstanceStatus = "running" | "stopped" | "frozen" | "error";

export interface ObservedInstance {
  readonly name: string;
  readonly project: string;
  readonly status: InstanceStatus;
  readonly description: string;
  readonly profiles: readonly string[];
  readonly config: StringMap;
  readonly devices: DeviceMap;
  /** With the profiles' devices. */
  readonly expandedDevices: DeviceMap;
  /** Names; undefined when they were not asked for. */
  readonly snapshots?: readonly string[];
}

export type ObservedImage = Pick<IncusImage, "fingerprint" | "properties" | "aliases" | "uploaded_at"> &
  Partial<Pick<IncusImage, "type">>;
export type ObservedVolume = Pick<IncusVolume, "name" | "config">;
export type ObservedProfile = Pick<IncusProfile, "name" | "config" | "devices"> &
  Partial<Pick<IncusProfile, "description">>;

/** One Incus project. */
export interface ObservedProject {
  readonly images: readonly ObservedImage[];
  readonly profiles: readonly ObservedProfile[];
  /** By pool; pools that do not exist are absent. */
  readonly volumes: Readonly<Record<string, readonly ObservedVolume[]>>;
  /** Networks and bridges, managed or not. */
  readonly networks: readonly { readonly name: string; readonly managed: boolean }[];
}

/** What not every server can do. */
export interface ServerAbilities {
  /** `lxc` for containers, `qemu` for virtual machines. */
  readonly drivers: readonly string[];
  /** Of the cluster; absent for a server that is in none. */
  readonly members?: readonly string[];
}

export interface ObservedServer {
  readonly ok: true;
  /** The fingerprint of its certificate: two names with the same one are one daemon, or members of one cluster. */
  readonly identity?: string;
  /** Of every project the client may see. */
  readonly instances: readonly ObservedInstance[];
  /** Declared projects; one that does not exist is absent. */
  readonly projects: Readonly<Record<string, ObservedProject>>;
  readonly pools: readonly string[];
  /** What it says of its config keys and device options; absent where it says nothing. */
  readonly schema?: ConfigSchema;
  /** Asked only where an instance needs to know. */
  readonly abilities?: ServerAbilities;
  /** Only of a server on this machine. */
  readonly listeners: readonly Listener[];
}

export interface UnreachableServer {
  readonly ok: false;
  readonly message: string;
  readonly hint?: string;
}

export interface Observed {
  readonly servers: Readonly<Record<string, ObservedServer | UnreachableServer>>;
}

/** The part of Incus' answer that counts. Codes: https://linuxcontainers.org/incus/docs/main/rest-api/#status-codes */
export function toObserved(instance: IncusInstance): ObservedInstance {
  const { name, project, description, profiles, config, devices, expanded_devices, snapshots } = instance;
  return {
    name,
    project,
    status: statusOf(instance.status_code),
    description,
    profiles,
    config: config ?? {},
    devices: devices ?? {},
    expandedDevices: expanded_devices ?? {},
    ...(Array.isArray(snapshots) ? { snapshots: snapshots.map(nameOfSnapshot) } : {}),
  };
}

/** 103 Running, 113 Ready, 110 Frozen, 112 Error; all else does not run. */
export function statusOf(code: number): InstanceStatus {
  if (code === 103 || code === 113) return "running";
  if (code === 110) return "frozen";
  return code === 112 ? "error" : "stopped";
}

function nameOfSnapshot(snapshot: unknown): string {
  const name = (snapshot as { readonly name?: unknown }).name;
  return typeof name === "string" ? name : "?";
}
