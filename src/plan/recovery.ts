/**
 * From a half-done change of an instance back to a whole one: by what is there alone, one step at a time. The same steps
 * undo a swap that failed, finish one that was committed, and repair what a killed floe left. Pure.
 *
 * The rules: a predecessor (NAME-outgoing) comes back unless its successor carries the mark of a proved one; a successor
 * that was not proved is set aside, never deleted once it had the name; a predecessor runs again before anything is tidied.
 */

import type { Body } from "./applied.ts";
import { withoutNext } from "./generations.ts";
import { label, type Place, physicalNames } from "./labels.ts";
import type { ObservedInstance } from "./observed.ts";
import { addressesFor, park, readParked, unpark } from "./parking.ts";
import { readPending, revert } from "./pending.ts";
import { withoutRebuilding } from "./rebuilding.ts";

/** All that floe has of one logical instance, by the name it has now. */
export type InstanceObjects = Readonly<Partial<Record<Place, ObservedInstance>>>;

/** `stop`, `start`, `discard` and the rest act on the object that is now at `place`. */
export type RecoveryStep =
  | { readonly kind: "stop" | "start" | "unmark" | "discard" | "unpark" | "revert"; readonly place: Place }
  /** It is stopped, and its root disk is made again from the image that ran. */
  | { readonly kind: "rebuild"; readonly place: "current" }
  /** Updated in place, and the system that it was being switched to was not proved: the one before it comes back. */
  | { readonly kind: "switch-back"; readonly place: "current" }
  /** Takes its addresses off. */
  | { readonly kind: "park"; readonly place: Place; readonly role: "failed" | "previous" | "next" }
  /** Renames a successor that was not proved out of the way. */
  | { readonly kind: "set-aside"; readonly place: "current"; readonly to: "failed" | "previous" | "next" }
  | { readonly kind: "set-aside"; readonly place: "next"; readonly to: "failed" }
  | { readonly kind: "put-back"; readonly place: "outgoing" | "next"; readonly to: "current" }
  /** A replaced predecessor becomes the kept one. */
  | { readonly kind: "retire"; readonly place: "outgoing"; readonly to: "previous" };

export interface RecoveryOptions {
  /** Instances of the name to keep, the running one counted. */
  readonly keep: number;
}

/** The next step towards a whole instance, or undefined when it is whole. */
export function nextRecoveryStep(objects: InstanceObjects, options: RecoveryOptions): RecoveryStep | undefined {
  const { current, outgoing, next } = objects;
  // Made in the place of one whose rebuild left it without a root disk, see `restoreRoot`.
  if (current === undefined && outgoing === undefined && next?.config[label.origin] === "rebuild")
    return { kind: "put-back", place: "next", to: "current" };
  if (outgoing !== undefined && current !== undefined && isProved(current)) return finish(objects, options);
  if (outgoing !== undefined) return current === undefined ? bringBack(objects, outgoing) : setAside(objects, current);
  return tidy(objects);
}

/** Every step until the instance is whole, as far as can be known before the first is done. */
export function recoverySteps(objects: InstanceObjects, options: RecoveryOptions): RecoveryStep[] {
  const steps: RecoveryStep[] = [];
  let world = objects;
  for (
    let step = nextRecoveryStep(world, options);
    step !== undefined && steps.length < 20;
    step = nextRecoveryStep(world, options)
  ) {
    steps.push(step);
    world = advance(world, step);
  }
  return steps;
}

/** The objects as they are when recovery is through. */
export function recovered(objects: InstanceObjects, options: RecoveryOptions): InstanceObjects {
  return recoverySteps(objects, options).reduce(advance, objects);
}

/** Carries the mark of a change that was proved healthy. */
export function isProved(instance: ObservedInstance): boolean {
  return instance.config[label.healthy] === "true";
}

/** True when it was running and is to run again. */
export function isToResume(instance: ObservedInstance): boolean {
  return instance.config[label.resume] === "true";
}

/** Running, or something close to it that has to be stopped first. */
export function isUp(instance: ObservedInstance): boolean {
  return instance.status === "running" || instance.status === "frozen";
}

/** What a step makes of the objects. */
export function advance(objects: InstanceObjects, step: RecoveryStep): InstanceObjects {
  const { [step.place]: object, ...others } = objects;
  if (object === undefined) return objects;
  const name = (place: Place): string => physicalNames(logicalName(object))[place];
  switch (step.kind) {
    case "stop":
      return { ...objects, [step.place]: { ...object, status: "stopped" } };
    case "start":
      return { ...objects, [step.place]: { ...object, status: "running" } };
    case "unmark":
      return { ...objects, [step.place]: unmark(object) };
    case "revert":
      return { ...objects, [step.place]: revertPending(object) };
    case "rebuild":
      return {
        ...objects,
        [step.place]: { ...object, status: "stopped", config: withoutRebuilding(object.config) },
      };
    case "switch-back":
      return { ...objects, [step.place]: { ...object, config: withoutNext(object.config) } };
    case "discard":
      return others;
    case "park":
      return { ...objects, [step.place]: park(object, step.role) };
    case "unpark":
      return { ...objects, [step.place]: unpark(object, "current") };
    case "retire":
      return { ...others, [step.to]: { ...unmark(park(object, "previous")), name: name(step.to) } };
    case "set-aside":
    case "put-back":
      return { ...others, [step.to]: { ...object, name: name(step.to) } };
  }
}

/** Takes back a change of config or devices that was not proved. */
export function revertPending<T extends Body>(body: T): T {
  const pending = readPending(body.config);
  const old = pending === undefined ? body : revert(body, pending.before);
  const { [label.pending]: _, ...config } = old.config;
  return {
    ...old,
    config: { ...config, ...(pending?.applied === undefined ? {} : { [label.applied]: pending.applied }) },
  };
}

/** Takes off the marks of a change that is over. */
export function unmark<T extends { readonly config: Readonly<Record<string, string>> }>(body: T): T {
  const { [label.resume]: _resume, [label.origin]: _origin, ...config } = body.config;
  return { ...body, config };
}

// --- internal ---

function logicalName(object: ObservedInstance): string {
  return object.config[label.instance] ?? object.name;
}

/** The successor is proved: what it replaced is kept, or deleted where only one is to be kept. */
function finish({ outgoing, previous }: InstanceObjects, { keep }: RecoveryOptions): RecoveryStep {
  if (outgoing !== undefined && isUp(outgoing)) return { kind: "stop", place: "outgoing" };
  if (previous !== undefined) return { kind: "discard", place: "previous" };
  if (keep <= 1 && (outgoing?.snapshots?.length ?? 0) === 0) return { kind: "discard", place: "outgoing" };
  return { kind: "retire", place: "outgoing", to: "previous" };
}

/** The successor has the name but is not proved. */
function setAside({ next, previous, failed }: InstanceObjects, current: ObservedInstance): RecoveryStep {
  if (isUp(current)) return { kind: "stop", place: "current" };
  const role = current.config[label.origin] === "previous" && previous === undefined ? "previous" : "failed";
  if (current.config[label.parked] === undefined || current.config[label.role] !== role)
    return { kind: "park", place: "current", role };
  if (role === "previous" || failed === undefined) return { kind: "set-aside", place: "current", to: role };
  // An older failed one is not worth a second of the predecessor's time: it goes later, see `tidy`.
  return next === undefined
    ? { kind: "set-aside", place: "current", to: "next" }
    : { kind: "discard", place: "failed" };
}

/** Nobody has the name: the predecessor gets it, and its addresses, which a successor may have been given already. */
function bringBack(objects: InstanceObjects, outgoing: ObservedInstance): RecoveryStep {
  if (isUp(outgoing)) return { kind: "stop", place: "outgoing" };
  const heir = heirOf(objects);
  if (heir !== undefined) return { kind: "park", place: heir, role: heir === "next" ? "next" : "previous" };
  if (outgoing.config[label.parked] !== undefined) return { kind: "unpark", place: "outgoing" };
  return { kind: "put-back", place: "outgoing", to: "current" };
}

/** A successor that was handed the addresses and not yet the name. */
function heirOf({ next, previous }: InstanceObjects): "next" | "previous" | undefined {
  if (next !== undefined && next.config[label.parked] === undefined) return "next";
  return previous !== undefined && previous.config[label.parked] === undefined ? "previous" : undefined;
}

/** The name is in the right hands: it runs again if it ran, then what is left over goes. */
function tidy({ current, next, previous, failed }: InstanceObjects): RecoveryStep | undefined {
  if (current?.config[label.parked] !== undefined) return { kind: "unpark", place: "current" };
  if (current?.config[label.rebuilding] !== undefined) return { kind: "rebuild", place: "current" };
  if (current?.config[label.systemNext] !== undefined) return { kind: "switch-back", place: "current" };
  if (current !== undefined && isToResume(current)) return resume(current);
  if (next !== undefined) return tidyNext(next, failed);
  if (previous !== undefined && previous.config[label.role] !== "previous")
    return { kind: "park", place: "previous", role: "previous" };
  return undefined;
}

/** A successor that had the name once is kept for its logs, any other is of no use. */
function tidyNext(next: ObservedInstance, failed: ObservedInstance | undefined): RecoveryStep {
  if (isUp(next)) return { kind: "stop", place: "next" };
  if (next.config[label.role] !== "failed") return { kind: "discard", place: "next" };
  return failed === undefined
    ? { kind: "set-aside", place: "next", to: "failed" }
    : { kind: "discard", place: "failed" };
}

/** What was stopped for a restart that was not proved runs again as it did before. */
function resume(current: ObservedInstance): RecoveryStep {
  if (isUp(current)) return { kind: "unmark", place: "current" };
  return { kind: current.config[label.pending] === undefined ? "start" : "revert", place: "current" };
}

/** The addresses that a successor takes over from a parked predecessor. */
export function inheritedAddresses(
  predecessor: ObservedInstance,
  successor: ObservedInstance,
): Readonly<Record<string, string>> {
  return readParked(predecessor.config) === undefined
    ? {}
    : addressesFor(predecessor.config, successor.expandedDevices);
}
