/** Ports that are wanted and held by somebody else. Pure. */
import type { DeviceMap } from "../incus/types.ts";
import type { Instance } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import type { Listener } from "../util/listeners.ts";
import type { DesiredInstance } from "./desired.ts";
import { isOurs } from "./labels.ts";
import type { ObservedInstance, ObservedServer } from "./observed.ts";

export interface Endpoint {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
}

/**
 * Every endpoint of a proxy's `listen`: `tcp:127.0.0.1:80`, `udp:[::]:53`, `tcp:0.0.0.0:8000-8010,9000`. None for sockets
 * of the file system.
 */
export function parseListen(listen: string): Endpoint[] {
  const match = /^(tcp|udp):(?:\[([^\]]+)\]|([^:[\]]+)):([\d,-]+)$/.exec(listen);
  if (match === null) return [];
  const [, protocol, ipv6, ipv4, ports = ""] = match;
  return ports
    .split(",")
    .flatMap(portsIn)
    .map((port) => ({ protocol: protocol as "tcp" | "udp", address: ipv6 ?? ipv4 ?? "", port }));
}

/** The kernel refuses the second of the two: an unspecified address takes its port on every one. */
export function collide(a: Endpoint, b: Endpoint): boolean {
  if (a.protocol !== b.protocol || a.port !== b.port) return false;
  return a.address === b.address || isUnspecified(a.address) || isUnspecified(b.address);
}

export function portProblems(
  fleet: string,
  desired: DesiredInstance,
  server: ObservedServer,
  others: readonly DesiredInstance[],
): Problem[] {
  const wanted = listensOf(desired.devices);
  if (wanted.length === 0) return [];
  const own = server.instances.filter(
    (instance) => instance.project === desired.project && isOurs(instance.config, fleet, desired.name),
  );
  const rivals = server.instances.filter((instance) => instance.status === "running" && !own.includes(instance));
  return wanted.flatMap((endpoint) => {
    const holder =
      inFleet(endpoint, desired, others) ?? inIncus(endpoint, rivals) ?? onMachine(endpoint, own, server.listeners);
    return holder === undefined
      ? []
      : [
          {
            subject: `instance ${desired.name}`,
            message: `Port ${words(endpoint)} is held by ${holder.who}`,
            hint: holder.hint,
          },
        ];
  });
}

/** Ports that declared instances are to have and no running instance has yet. */
export function missingPorts(declared: readonly Instance[], instances: readonly ObservedInstance[]): Set<number> {
  const held = instances
    .filter(({ status }) => status === "running")
    .flatMap(({ expandedDevices }) => listensOf(expandedDevices));
  const proxies = declared.flatMap(({ ports, devices }) => [
    ...ports.map(({ listen }) => ({ type: "proxy", listen })),
    ...Object.values(devices),
  ]);
  const wanted = listensOf(Object.fromEntries(proxies.map((proxy, index) => [String(index), proxy])));
  return new Set(wanted.filter((endpoint) => !held.some((other) => same(other, endpoint))).map(({ port }) => port));
}

/** What holds one of an instance's forwarded ports, for people. */
export function holderOf(
  devices: DeviceMap,
  listeners: readonly Listener[],
): { readonly port: string; readonly holder: string } | undefined {
  for (const endpoint of listensOf(devices)) {
    const listener = listeners.find((candidate) => collide(endpoint, candidate));
    if (listener !== undefined)
      return { port: words(endpoint), holder: listener.holder ?? "another program of this machine" };
  }
  return undefined;
}

/** The ports that proxy devices hold on the server. */
export function portsOf(devices: DeviceMap): Set<number> {
  return new Set(listensOf(devices).map(({ port }) => port));
}

// --- internal ---

function same(a: Endpoint, b: Endpoint): boolean {
  return a.protocol === b.protocol && a.address === b.address && a.port === b.port;
}

interface Holder {
  readonly who: string;
  readonly hint: string;
}

function listensOf(devices: DeviceMap): Endpoint[] {
  return Object.values(devices)
    .filter((device) => device["type"] === "proxy" && (device["bind"] ?? "host") === "host")
    .flatMap((device) => parseListen(device["listen"] ?? ""));
}

function inFleet(endpoint: Endpoint, desired: DesiredInstance, others: readonly DesiredInstance[]): Holder | undefined {
  const rival = others.find(
    (other) =>
      other.address !== desired.address &&
      other.server === desired.server &&
      listensOf(other.devices).some((listen) => collide(endpoint, listen)),
  );
  return rival && { who: `instance "${rival.name}" of this fleet too`, hint: "Give one of the two another port" };
}

function inIncus(endpoint: Endpoint, rivals: readonly ObservedInstance[]): Holder | undefined {
  const rival = rivals.find((instance) =>
    listensOf(instance.expandedDevices).some((listen) => collide(endpoint, listen)),
  );
  if (rival === undefined) return undefined;
  const project = rival.project === "default" ? "" : ` of the Incus project "${rival.project}"`;
  return {
    who: `the instance "${rival.name}"${project}`,
    hint: `Choose another port, or stop it: incus stop ${rival.name}${rival.project === "default" ? "" : ` --project ${rival.project}`}`,
  };
}

/** What the instance itself holds now is not held by another. */
function onMachine(
  endpoint: Endpoint,
  own: readonly ObservedInstance[],
  listeners: readonly Listener[],
): Holder | undefined {
  const isMine = own.some(
    (instance) =>
      instance.status === "running" && listensOf(instance.expandedDevices).some((listen) => collide(endpoint, listen)),
  );
  const listener = isMine ? undefined : listeners.find((candidate) => collide(endpoint, candidate));
  return (
    listener && {
      who: listener.holder ?? "another program of this machine",
      hint: `Choose another port, or stop what listens there: ss -ltnup 'sport = :${endpoint.port}'`,
    }
  );
}

function words({ protocol, address, port }: Endpoint): string {
  const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return protocol === "tcp" ? place : `${place} (${protocol})`;
}

function portsIn(text: string): number[] {
  const [first = Number.NaN, last = first] = text.split("-").map(Number);
  return Number.isInteger(first) && Number.isInteger(last) && last - first < 65_536
    ? Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
    : [];
}

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
