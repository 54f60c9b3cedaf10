import type { FlakeInput } from "../model/fleet.ts";
import { nearest } from "../util/nearest.ts";
import { circleThrough } from "./circle.ts";
import type { Field } from "./field.ts";
import type { ReadInstance } from "./instance.ts";
import { swapBase } from "./names.ts";
import { type Listener, meet, parseListener } from "./ports.ts";
import { normalPath } from "./storage.ts";

/** A host or container as the checks see it. */
export interface NamedField {
  readonly kind: "host" | "container" | "home";
  readonly name: string;
  readonly field: Field;
}

/** What must hold across the fleet. Each check reports where the second of two that meet was written. */
export interface Whole {
  readonly fleet: Field;
  /** The file in which the inputs are named. */
  readonly flake: string;
  /** Undefined: not known yet. */
  readonly inputs: Readonly<Record<string, FlakeInput>> | undefined;
  readonly systems: readonly NamedField[];
  readonly instances: readonly ReadInstance[];
  readonly homes: readonly NamedField[];
  /** Whether hosts or images are made of nixpkgs. */
  readonly needsNixpkgs: boolean;
  /** Whether dev shells, packages or checks are made of nixpkgs. */
  readonly hasPackages: boolean;
}

export function checkWhole(whole: Whole): void {
  checkNixpkgs(whole);
  checkHomeManager(whole);
  checkSystemNames(whole.systems);
  checkInstanceNames(whole.instances);
  for (const read of whole.instances) checkMountPoints(read);
  checkDependencies(whole.instances);
  checkListeners(whole.instances);
  checkVolumes(whole.instances);
}

/** Hosts, containers and dev shells that floe writes all come from the input of this name. */
function checkNixpkgs({ fleet, flake, inputs, needsNixpkgs, homes, hasPackages }: Whole): void {
  if (inputs === undefined || Object.hasOwn(inputs, "nixpkgs")) return;
  if (!needsNixpkgs && homes.length === 0 && !hasPackages) return;
  fleet.report(
    'The fleet has no input "nixpkgs"',
    flake.endsWith(".nix")
      ? `Add it to "inputs" of ${flake}: what is described in TypeScript is made of it`
      : 'Add it to "inputs": `nixpkgs: "github:nixos/nixpkgs/nixos-26.05"`',
  );
}

function checkHomeManager({ fleet, flake, inputs, homes }: Whole): void {
  if (homes.length === 0 || inputs === undefined || Object.hasOwn(inputs, "home-manager")) return;
  fleet.report(
    'The fleet has homes but no input "home-manager"',
    flake.endsWith(".nix")
      ? `Add it to "inputs" of ${flake}`
      : 'Add it to "inputs": `"home-manager": { url: "github:nix-community/home-manager", follows: { nixpkgs: "nixpkgs" } }`',
  );
}

/** Hosts and containers are outputs of one flake attribute, and `NAME-metadata` is the output of a container's metadata. */
function checkSystemNames(systems: readonly NamedField[]): void {
  const seen = new Map<string, NamedField>();
  for (const system of systems) {
    const other = seen.get(system.name);
    if (other !== undefined)
      system.field.report(
        `The name "${system.name}" is taken by a ${other.kind} already`,
        "Hosts and containers share their names",
      );
    seen.set(system.name, system);
  }
  const containers = new Set(systems.filter(({ kind }) => kind === "container").map(({ name }) => name));
  for (const { name, field } of systems) {
    const base = name.endsWith("-metadata") ? name.slice(0, -"-metadata".length) : undefined;
    if (base !== undefined && containers.has(base) && containers.has(name))
      field.report(`The name "${name}" is taken by the metadata of container "${base}"`);
  }
}

function checkInstanceNames(instances: readonly ReadInstance[]): void {
  const seen = new Map<string, ReadInstance>();
  for (const read of instances) {
    const other = seen.get(addressOf(read));
    if (other !== undefined)
      read.field.report(
        `The name "${read.instance.name}" is taken by an instance of container "${other.instance.container}" already`,
        `Both are on server "${read.instance.server}" in project "${read.instance.project}"`,
      );
    else seen.set(addressOf(read), read);
  }
  for (const read of instances) {
    const base = swapBase(read.instance.name);
    if (base !== undefined && seen.has(addressOf(read, base)))
      read.field.report(
        `The name "${read.instance.name}" is one that floe uses while it replaces instance "${base}"`,
        "Give it another name",
      );
  }
}

function addressOf({ instance }: ReadInstance, name = instance.name): string {
  return `${instance.server}/${instance.project}/${name}`;
}

/** Where cloud-init looks for a NoCloud seed. */
const seedFolder = "/var/lib/cloud/seed/nocloud";

/** One path in a container is one mount, volume or disk. */
function checkMountPoints({ instance, field }: ReadInstance): void {
  const taken = new Map<string, string>();
  const claim = (path: string, what: string, place: Field) => {
    const other = taken.get(path);
    if (other !== undefined) place.report(`Path "${path}" of ${field.label} is used by ${other} and by ${what}`);
    else taken.set(path, what);
  };
  for (const path of Object.keys(instance.mounts)) claim(path, "a mount", below(field, "mounts", path));
  for (const path of Object.keys(instance.volumes)) claim(path, "a volume", below(field, "volumes", path));
  for (const path of Object.keys(instance.secrets ?? {})) claim(path, "a secret", below(field, "secrets", path));
  for (const path of Object.keys(instance.charDevices ?? {}))
    claim(path, "a character device", below(field, "charDevices", path));
  if (instance.cloudInit?.folder !== undefined)
    claim(seedFolder, "the cloud-init seed", below(field, "cloudInit", "folder"));
  for (const [name, device] of Object.entries(instance.devices)) {
    if (device["type"] === "disk" && device["path"] !== undefined)
      claim(normalPath(device["path"]), `device "${name}"`, below(field, "devices", name));
  }
}

/** Instances wait for each other by name, so every name must be there, and no wait may go round in a circle. */
function checkDependencies(instances: readonly ReadInstance[]): void {
  const names = instances.map(({ instance }) => instance.name);
  for (const { instance, field } of instances)
    for (const [index, name] of (instance.dependsOn ?? []).entries()) {
      if (names.includes(name)) continue;
      const suggestion = nearest(
        name,
        names.filter((other) => other !== instance.name),
      );
      field
        .child("dependsOn", undefined)
        .child(String(index), undefined)
        .report(
          `${field.subject} depends on "${name}", which is no instance of the fleet${suggestion === undefined ? "" : `; did you mean "${suggestion}"?`}`,
        );
    }
  for (const { instance, field } of instances) {
    const circle = circleThrough(instance.name, (name) =>
      instances.filter((read) => read.instance.name === name).flatMap((read) => read.instance.dependsOn ?? []),
    );
    // Told once, at the first of its names.
    if (circle !== undefined && [...circle].sort()[0] === instance.name)
      field
        .child("dependsOn", undefined)
        .report(`Instances depend on each other in a circle: ${[...circle, instance.name].join(" → ")}`);
  }
}

interface HeldPort {
  readonly listener: Listener;
  readonly listen: string;
  readonly read: ReadInstance;
  /** Where it is said. */
  readonly field: Field;
}

/** A port of a server can be listened on once, whatever the project. */
function checkListeners(instances: readonly ReadInstance[]): void {
  const held: HeldPort[] = [];
  for (const port of instances.flatMap(listenersOf)) {
    const { server } = port.read.instance;
    const other = held.find((known) => known.read.instance.server === server && meet(known.listener, port.listener));
    if (other !== undefined) port.field.report(portMessage(port, other, server));
    held.push(port);
  }
}

function portMessage({ listen, read }: HeldPort, other: HeldPort, server: string): string {
  const begin = `${read.field.subject} listens on "${listen}" of server "${server}"`;
  if (listen !== other.listen) return `${begin}, which meets "${other.listen}" of ${other.read.field.label}`;
  return other.read === read ? `${begin} twice` : `${begin}, as ${other.read.field.label} does`;
}

/** What its ports and its own proxy devices listen on at the server. */
function listenersOf(read: ReadInstance): HeldPort[] {
  const { instance, field } = read;
  const isProxy = ([, device]: readonly [string, Readonly<Record<string, string>>]) =>
    device["type"] === "proxy" && (device["bind"] ?? "host") === "host";
  const said = [
    ...instance.ports.map(({ listen }) => ({ listen, field: field.child("ports", undefined) })),
    ...Object.entries(instance.devices)
      .filter(isProxy)
      .map(([name, device]) => ({ listen: device["listen"] ?? "", field: below(field, "devices", name) })),
  ];
  return said.flatMap(({ listen, field: place }) => {
    const listener = parseListener(listen);
    return listener === undefined ? [] : [{ listener, listen, read, field: place }];
  });
}

/** Two instances that write to one volume lose each other's data unless they were made for it, so each must say `shared: true`. */
function checkVolumes(instances: readonly ReadInstance[]): void {
  const seen = new Map<string, { read: ReadInstance; isShared: boolean }>();
  for (const read of instances) {
    for (const [path, volume] of Object.entries(read.volumes)) {
      const key = [read.instance.server, read.instance.project, volume.pool, volume.name].join("/");
      const other = seen.get(key);
      if (other === undefined) seen.set(key, { read, isShared: volume.shared });
      else if (!volume.shared || !other.isShared) reportVolume(read, path, volume.name, other.read);
    }
  }
}

function reportVolume(read: ReadInstance, path: string, name: string, other: ReadInstance): void {
  const who = other === read ? `${read.field.label}, twice` : `${read.field.label} and by ${other.field.label}`;
  below(read.field, "volumes", path).report(
    `Volume "${name}" is attached by ${who}`,
    'If they can share it, say `shared: true` at each: { name: "...", shared: true }',
  );
}

function below(field: Field, group: string, key: string): Field {
  return field.child(group, undefined).child(key, undefined);
}
