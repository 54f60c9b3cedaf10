/** The plan for hosts: plain data that says what a switch would change on each machine, and why. */
import type { Problem } from "./plan.ts";

/** What `switch-to-configuration` is asked to do. */
export type ActivationAction = "switch" | "boot" | "test" | "dry-activate";

/**
 * What became of a package. `added` and `removed` also stand for one version more or less of a package that is there several times;
 * `changed`: the same versions with other content, as after a change of something it is built from.
 */
export type PackageChangeKind = "added" | "removed" | "upgraded" | "downgraded" | "changed";

/** A package that differs between what runs and what is to run. Sizes are bytes. */
export interface PackageChange {
  readonly name: string;
  readonly kind: PackageChangeKind;
  /** From the oldest to the newest; empty: it was not there. An entry may be "" where the store path has no version. */
  readonly before: readonly string[];
  /** Empty: it is gone. */
  readonly after: readonly string[];
  /** How much the closure grows by it; negative where it shrinks. */
  readonly sizeDelta: number;
  /** Told first: kernel, systemd, glibc, what services that are declared run. */
  readonly important: boolean;
}

/** What becomes of units, as `dry-activate` says; names with their suffix. */
export interface UnitChanges {
  readonly stop: readonly string[];
  readonly restart: readonly string[];
  readonly reload: readonly string[];
  readonly start: readonly string[];
  /** Changed, and left as they are until the next boot or a restart by hand. */
  readonly notRestarted: readonly string[];
}

export interface HostGeneration {
  /** 0: in no generation of the profile, as after a `test`. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at?: number;
  /** The store path of its system. */
  readonly system: string;
}

export interface HostChange {
  readonly kind: "host";
  /** `host:NAME`. */
  readonly address: string;
  readonly name: string;
  /** Where it is, for people. */
  readonly where: string;
  readonly action: "update" | "none";
  /** The store path that is to run. */
  readonly system: string;
  /** What runs (/run/current-system); absent: it is no NixOS yet. */
  readonly current?: string;
  /** What was booted (/run/booted-system). */
  readonly booted?: string;
  /** What the next boot brings: the newest generation of the system profile. */
  readonly boots?: HostGeneration;
  /** Important ones first, then those that somebody asked for by name, then the others, each by name. Absent where nothing changes, or where it cannot be told. */
  readonly packages?: readonly PackageChange[];
  /**
   * Where the packages are from: the closures of both systems; or, before the build, the closure of what runs and the derivations of what is
   * declared: then nothing is known of what is removed, of sizes, and of what only another package needs.
   */
  readonly packagesFrom?: "closures" | "derivations";
  /** Bytes of NARs. `copy`: what has to be sent. */
  readonly closure?: { readonly before: number; readonly after: number; readonly copy: number };
  readonly units?: UnitChanges;
  /** Who says what becomes of units: the new system's own `dry-activate` on the machine, or floe, from the unit files of both systems. */
  readonly unitsFrom?: "dry-activate" | "comparison";
  /** Why a reboot is needed before all of it counts: `kernel 6.1.1 → 6.1.2`; empty: none. */
  readonly reboot: readonly string[];
  /** It has its system already, and is only rebooted, as was asked for. */
  readonly isRebootOnly?: true;
  /** Inputs of the flake that changed since what runs was made, as `nixpkgs 4a1f… → 9c0e… (3 days newer)`; absent: not known. */
  readonly causes?: readonly string[];
  /** Who or what made the generation that runs, when it was not this fleet: refused unless adopted. */
  readonly unknown?: { readonly generation: HostGeneration; readonly by?: string };
  /** Services that had failed before anything was done. */
  readonly failedUnits: readonly string[];
  /** What a person should know before saying yes. */
  readonly notes: readonly string[];
}

export interface HostPlan {
  readonly version: 1;
  readonly fleet: string;
  readonly action: ActivationAction;
  readonly changes: readonly HostChange[];
  /** Subject `host NAME`. */
  readonly problems: readonly Problem[];
  /** Names by the earliest moment they can change: everything of a wave may change at once. */
  readonly waves: readonly (readonly string[])[];
  /** SHA-256 of what was observed and is desired. */
  readonly basis: string;
}

/** True when carrying out the plan would change something. */
export function hasHostChanges(plan: HostPlan): boolean {
  return plan.changes.some(({ action }) => action !== "none");
}
