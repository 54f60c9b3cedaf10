import type { Instance } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { nearest } from "../util/nearest.ts";
import { readCloudInit } from "./cloud-init.ts";
import { readDevices, readInstanceConfig } from "./devices.ts";
import type { Field } from "./field.ts";
import { readHealthCheck } from "./health.ts";
import { instanceNameRule, isInstanceName } from "./names.ts";
import { readGpu, readNetwork } from "./network.ts";
import { readPorts } from "./ports.ts";
import { type ReadVolume, readMounts, readVolumes } from "./storage.ts";
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
}

/** One instance with its defaults filled in. */
export function readInstance(spec: Field, name: string, context: InstanceContext): ReadInstance {
  const label = `instance "${name}"`;
  const field = spec.named(label);
  if (!isInstanceName(name)) field.report(`Name "${name}" of an instance must ${instanceNameRule}`);
  // biome-ignore format: rows say more than a key a line
  const keys = field.keys(
    "server", "project", "description", "tags", "autostart", "profiles", "network", "mounts", "volumes", "ports", "gpu",
    "config", "devices", "cloudInit", "health", "update", "keep",
  );
  const volumes = readVolumes(keys.volumes, label);
  const devices = readDevices(keys.devices, label);
  if (keys.network.isGiven && Object.hasOwn(devices, "eth0")) {
    keys.devices
      .child("eth0", undefined)
      .report(`Device "eth0" of ${label} is made from its "network" already`, "Keep one of the two");
  }
  const instance: Instance = defined({
    name,
    container: context.container,
    server: readServer(keys.server, field, context.servers),
    project:
      keys.project.optional((project) => project.textLike(isProjectName, "be the name of an Incus project")) ??
      "default",
    description: keys.description.optional((description) => description.text()) ?? "",
    tags: readTags(keys.tags),
    autostart: keys.autostart.flag(true),
    profiles: keys.profiles.isGiven
      ? keys.profiles.list((profile) => profile.textLike(isFilled, "be the name of a profile"))
      : ["default"],
    network: keys.network.optional(readNetwork),
    mounts: readMounts(keys.mounts, label),
    volumes: Object.fromEntries(Object.entries(volumes).map(([path, { shared: _, ...volume }]) => [path, volume])),
    ports: readPorts(keys.ports, label),
    gpu: keys.gpu.optional(readGpu),
    config: readInstanceConfig(keys.config, label),
    devices,
    cloudInit: keys.cloudInit.optional(readCloudInit),
    health: keys.health.list(readHealthCheck),
    update: readUpdate(keys.update),
    keep: keys.keep.integer(1, 1000, 2),
  });
  return { instance, field, volumes };
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

function readUpdate(field: Field): "swap" {
  if (field.isGiven && field.value !== "swap") field.must('be "swap"');
  return "swap";
}

function isFilled(text: string): boolean {
  return text.trim() !== "";
}

function isProjectName(name: string): boolean {
  return /^[^\s/_'"*]{1,63}$/.test(name);
}
