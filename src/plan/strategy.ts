/** What each update strategy asks of an instance, and what a person should know of it before saying yes. Pure. */
import type { DeviceMap, StringMap } from "../incus/types.ts";
import type { ChangeMethod, InstanceChange, Problem } from "../model/plan.ts";
import { decodeApplied } from "./applied.ts";
import { expand } from "./compare-profiles.ts";
import type { DesiredInstance } from "./desired.ts";
import { label } from "./labels.ts";
import type { ObservedImage, ObservedInstance, ObservedProfile } from "./observed.ts";
import { checksInside, isWritten } from "./trial.ts";

interface StrategyInput {
  readonly desired: DesiredInstance;
  readonly change: Pick<InstanceChange, "method" | "then">;
  readonly current: ObservedInstance | undefined;
  /** Of the instance's project. */
  readonly images: readonly ObservedImage[];
  readonly profiles: readonly ObservedProfile[];
  /** Every instance of the fleet. */
  readonly everyone: readonly DesiredInstance[];
}

export function checkStrategy(input: StrategyInput): Problem[] {
  const { desired, change, current, images } = input;
  if (desired.update === "swap-warm") return checkWriters(input);
  const isRebuild = change.method === "rebuild" || change.then === "rebuild";
  return isRebuild && current !== undefined ? checkWayBack(desired, current, images) : [];
}

/** For the plan. */
export function strategyNotes({ health }: DesiredInstance, method: ChangeMethod | null): string[] {
  if (method === "rebuild") return ["Its root disk is made anew: what is on it is lost, volumes and mounts stay"];
  const later = health.length - checksInside(health).length;
  if (method !== "swap-warm" || later === 0) return [];
  return [
    `In the trial beside its predecessor ${later} of ${health.length} checks cannot be asked, for they need its addresses: they are asked when it has taken its place`,
  ];
}

// --- internal ---

function problem({ name }: DesiredInstance, message: string, hint: string): Problem {
  return { subject: `instance ${name}`, message, hint };
}

/** In a trial two instances have the same disks. What others write to as well is made for that; a database is not. */
function checkWriters({ desired, current, profiles, everyone }: StrategyInput): Problem[] {
  const devices = { ...expand(desired.profiles, profiles).devices, ...byHand(current, desired), ...desired.devices };
  const others = everyone.filter(
    ({ address, server, project }) =>
      address !== desired.address && server === desired.server && project === desired.project,
  );
  const shared = others.flatMap((other) =>
    Object.values({ ...expand(other.profiles, profiles).devices, ...other.devices }).filter(isWritten),
  );
  return Object.values(devices)
    .filter((device) => isWritten(device) && !shared.some((other) => isSameDisk(device, other)))
    .map((device) =>
      problem(
        desired,
        `It writes to ${wordsOf(device)}, and in a warm swap its successor would write there at the same time`,
        'Say update: "swap"; or readonly: true where it only reads',
      ),
    );
}

/** Disks that somebody added are carried over to the successor. */
function byHand(current: ObservedInstance | undefined, desired: DesiredInstance): DeviceMap {
  if (current === undefined) return {};
  const applied = decodeApplied(current.config).devices;
  return Object.fromEntries(
    Object.entries(current.devices).filter(
      ([name]) => desired.devices[name] === undefined && applied[name] === undefined,
    ),
  );
}

function isSameDisk(a: StringMap, b: StringMap): boolean {
  return a["pool"] === b["pool"] && a["source"] === b["source"];
}

function wordsOf({ pool, source = "", path = "" }: StringMap): string {
  return pool === undefined ? `the mount "${source}" at "${path}"` : `the volume "${source}" at "${path}"`;
}

/** Incus deletes the root disk before it unpacks the new one, on some pools the snapshots with it. */
function checkWayBack(
  desired: DesiredInstance,
  { config, snapshots = [] }: ObservedInstance,
  images: readonly ObservedImage[],
): Problem[] {
  if (snapshots.length > 0)
    return [
      problem(
        desired,
        `"${desired.name}" has snapshots: a rebuild would lose them`,
        `Delete them (incus snapshot delete ${desired.name} ${snapshots[0]}), or say update: "swap", which keeps them`,
      ),
    ];
  // One without a root disk has nothing to lose, and one that is being rebuilt is recovered first.
  if (config[label.rootfs] === undefined || config[label.rebuilding] !== undefined) return [];
  if (images.some(({ fingerprint }) => fingerprint === config["volatile.base_image"])) return [];
  return [
    problem(
      desired,
      `The image that "${desired.name}" runs is not on the server any more: a rebuild could not be undone`,
      'Say update: "swap", which keeps the instance itself',
    ),
  ];
}
