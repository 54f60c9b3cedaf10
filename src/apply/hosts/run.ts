/** One switch of hosts as it goes on: what its steps share. */
import type { Machine } from "../../machine/machine.ts";
import type { Host } from "../../model/fleet.ts";
import type { HostChange, HostPlan } from "../../model/host-plan.ts";
import type { Emit } from "../../report/events.ts";
import type { Journal } from "../../state/journal.ts";
import type { ApplyContext } from "../context.ts";
import type { Recorder } from "../recorder.ts";
import type { Copies } from "./copies.ts";

/** A host of the plan with the way to it. */
export interface HostTarget {
  readonly host: Host;
  readonly machine: Machine;
  readonly change: HostChange;
  /** Its system was built there: nothing is copied. */
  readonly isThere?: boolean;
}

/** What is done to hosts; `dry-activate` changes nothing and is no part of this. */
export type HostAction = "switch" | "boot" | "test";

export interface HostsInput {
  readonly plan: HostPlan & { readonly action: HostAction };
  /** Of the changes of the plan that are one. */
  readonly targets: readonly HostTarget[];
  /** The project's folder. */
  readonly root: string;
  /** Written down on each machine with its new generation. */
  readonly record: { readonly fleet: string; readonly revision?: string; readonly by: string };
  /** Copies that have begun; the rest is begun here. */
  readonly copies: Copies;
  readonly journal: Journal;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly options?: HostsOptions;
}

export interface HostsOptions {
  /** Machines at the same time; absent: five. */
  readonly maxParallel?: number;
  /** The first goes alone, and a failure of it spares all others. */
  readonly canary?: boolean;
  /** So many are done before the next ones begin; absent: all are one batch. */
  readonly batch?: number;
  /** After a failure go on with what does not depend on it. */
  readonly keepGoing?: boolean;
  /** When one fails, those that are done go back. */
  readonly revertAll?: boolean;
  /** A machine stays as it is when its switch or its checks fail. */
  readonly noRollback?: boolean;
  /** Reboot where that is needed. */
  readonly reboot?: boolean;
}

export interface HostsRun {
  readonly input: HostsInput;
  readonly context: ApplyContext;
  readonly record: Recorder;
  /** Ids of the activations that were confirmed, by the address of their host: what `revertAll` takes back. */
  readonly confirmed: Map<string, string>;
}
