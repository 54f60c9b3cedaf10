/**
 * The trial of a warm swap: the successor runs beside its predecessor before it takes its place. It reaches nobody and
 * nobody reaches it, so that it can take neither an address nor a client from what serves.
 */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { HealthCheck } from "../model/fleet.ts";
import { isRoot } from "./classify.ts";
import { label } from "./labels.ts";
import { readParked } from "./parking.ts";

interface Identity {
  readonly config: StringMap;
  readonly devices: DeviceMap;
}

/**
 * A parked successor with stand-ins for what only one can have. `expanded` are its devices with those of its profiles.
 * `unpark` gives everything back.
 */
export function isolate<T extends Identity>(body: T, expanded: DeviceMap): T {
  const parked = readParked(body.config);
  if (parked === undefined || parked.trial !== undefined) return body;
  const standIns = Object.entries(expanded).flatMap(([name, device]) => {
    const other = standIn(name, device);
    return other === undefined ? [] : [[name, other] as const];
  });
  const trial = Object.fromEntries(standIns.map(([name]) => [name, body.devices[name] ?? null]));
  return {
    ...body,
    config: { ...body.config, [label.parked]: JSON.stringify({ ...parked, trial }) },
    devices: { ...body.devices, ...Object.fromEntries(standIns) },
  };
}

/** The checks that an instance without addresses can pass: those that are asked inside it. */
export function checksInside(checks: readonly HealthCheck[]): HealthCheck[] {
  return checks.filter((check) => {
    if (check.kind !== "http" && check.kind !== "tcp") return true;
    const host = check.kind === "http" ? new URL(check.url).hostname : check.address;
    return check.from === "server" && /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);
  });
}

/** A disk that an instance writes to. One of a trial has to be shared by intent, or there would be two writers. */
export function isWritten(device: StringMap): boolean {
  return device["type"] === "disk" && !isRoot(device) && device["readonly"] !== "true";
}

// --- internal ---

/**
 * A network interface keeps its name and gets a cable that ends nowhere: an address that the system inside sets up by
 * itself does no harm there. Disks stay, see `isWritten`, and so does the GPU, which many can use; the rest waits.
 */
function standIn(name: string, device: StringMap): StringMap | undefined {
  switch (device["type"]) {
    case "nic":
      return { type: "nic", nictype: "p2p", name: device["name"] ?? name };
    case "disk":
    case "gpu":
    case "none":
      return undefined;
    default:
      return { type: "none" };
  }
}
