/** The plan: plain data that says what changes and why. It can be printed, saved, and applied later if the world has not moved. */
import type { RelatedPlace } from "./evaluation.ts";
import type { ForeignImage, UpdateStrategy } from "./fleet.ts";

export type ChangeAction = "create" | "update" | "replace" | "delete" | "none";

/** How an instance gets from what it is to what it should be. */
export type ChangeMethod =
  /** Made new. */
  | "create"
  /** A successor is made beside it, then takes its place; the predecessor is kept. */
  | "swap"
  /** As `swap`, but the successor proves itself before the predecessor stops. */
  | "swap-warm"
  /** Its root disk is made anew from the new image. */
  | "rebuild"
  /** The new system is switched to inside the running container. */
  | "in-place"
  /** Config or devices are changed while it runs. */
  | "live"
  /** Config or devices are changed and it is restarted. */
  | "restart"
  /** It is stopped though it should run. */
  | "start"
  /** An interrupted apply left it half way: what ran before is put back first. */
  | "recover"
  /** Only labels that floe keeps change. */
  | "relabel"
  | "delete";

/** How far one difference reaches: it counts at once, after a restart, or only in a new root file system. */
export type DifferenceReach = "live" | "restart" | UpdateStrategy;

/** Whether it makes a new root file system from an image. */
export function makesRoot(method: ChangeMethod): boolean {
  return method === "create" || method === "swap" || method === "swap-warm" || method === "rebuild";
}

/** One reason for a change; `before` and `after` are values as Incus holds them, absent when there is none. */
export interface Difference {
  /**
   * `image`, `config.KEY`, `devices.NAME`, `devices.NAME.KEY`, `profiles`, `description`, `status`, `update`, and
   * `profiles.NAME.config.KEY`, `profiles.NAME.devices.NAME.KEY` for what reaches an instance through a profile of the fleet.
   */
  readonly key: string;
  readonly before?: string;
  readonly after?: string;
  /** For people: `derivation changed`, `stopped`, ... */
  readonly note?: string;
  /** Absent where nothing has to happen for it to count. */
  readonly reach?: DifferenceReach;
  /** Why it reaches that far, for people: `set when the container starts`. */
  readonly why?: string;
  /** True: somebody else changed this since floe last applied. */
  readonly isDrift?: boolean;
}

/** What becomes of changes by hand: they stay, or what is declared is put back and what was added is removed. */
export type DriftMode = "keep" | "fix";

export interface InstanceChange {
  readonly kind: "instance";
  /** `SERVER/PROJECT/NAME`. */
  readonly address: string;
  readonly name: string;
  readonly container: string;
  readonly server: string;
  readonly project: string;
  readonly action: ChangeAction;
  readonly method: ChangeMethod | null;
  /** With `recover`: what follows in the same apply once the instance is whole again; absent when nothing does. */
  readonly then?: ChangeMethod;
  readonly differences: readonly Difference[];
  /** What somebody changed or added by hand and stays so: `before` is what is declared, `after` what is there. */
  readonly drift?: readonly Difference[];
  /** For how long it does not serve, as an estimate in milliseconds; 0: not at all. Absent with `create` and `delete`. */
  readonly downtimeMs?: number;
  /** What a person should know before saying yes; not an error. */
  readonly notes: readonly string[];
}

export interface VolumeChange {
  readonly kind: "volume";
  /** `SERVER/PROJECT/volume:POOL/NAME`. */
  readonly address: string;
  readonly server: string;
  readonly project: string;
  readonly pool: string;
  readonly name: string;
  readonly action: "create" | "none";
  /** What one that is made begins with. */
  readonly config?: Readonly<Record<string, string>>;
}

/** An image that floe does not build, and for which kind of instance. */
export interface ForeignSource extends ForeignImage {
  readonly type: "container" | "virtual-machine";
  /** The fingerprint of one that is on the server; absent: it is copied, or is not there. */
  readonly here?: string;
}

export interface ImageChange {
  readonly kind: "image";
  /** `SERVER/PROJECT/image:CONTAINER`. */
  readonly address: string;
  readonly container: string;
  readonly server: string;
  readonly project: string;
  /** `update`: the image is there, only its alias points elsewhere. */
  readonly action: "create" | "update" | "none";
  /** Store paths that make the image. */
  readonly rootfs: string;
  readonly metadata: string;
  /** What runs now, by store path of the root file system; absent when nothing does. */
  readonly previousRootfs?: string;
  /** The fingerprint when the server has the image already. */
  readonly fingerprint?: string;
  /** With an image that floe does not build; `rootfs` and `metadata` then are what it is known by. */
  readonly foreign?: ForeignSource;
}

/** A profile that the fleet owns. */
export interface ProfileChange {
  readonly kind: "profile";
  /** `SERVER/PROJECT/profile:NAME`. */
  readonly address: string;
  readonly name: string;
  readonly server: string;
  readonly project: string;
  readonly action: "create" | "update" | "delete" | "none";
  readonly differences: readonly Difference[];
  /** As of an instance. */
  readonly drift?: readonly Difference[];
  /** An apply ended before the instances that use it were proved: first of all its old content is put back. */
  readonly isInterrupted?: boolean;
  /** What a person should know before saying yes: who uses it besides the instances of this plan. */
  readonly notes: readonly string[];
}

export type Change = InstanceChange | VolumeChange | ImageChange | ProfileChange;

/** Something that stops one part of the fleet from being planned or applied. */
export interface Problem {
  /** What it is about: `container web`, `instance web-1`, `server crown`. */
  readonly subject: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The keys that lead to what it is about, below the definition of its subject; for finding the line. */
  readonly keys?: readonly string[];
  /** Further places that belong to it. */
  readonly related?: readonly RelatedPlace[];
  /** All that nix printed; left out of reports unless it is asked for. */
  readonly trace?: string;
}

export interface OrphanProfile {
  readonly server: string;
  readonly project: string;
  readonly name: string;
  /** Instances that use it. */
  readonly usedBy: readonly string[];
}

export interface Plan {
  readonly version: 1;
  readonly fleet: string;
  /** Ordered as they are carried out. Entries with action `none` are kept: the plan is the whole picture. */
  readonly changes: readonly Change[];
  /** Parts that cannot be planned. A plan with problems applies only its sound parts, and only if told to. */
  readonly problems: readonly Problem[];
  /** The addresses of the instances the plan is limited to; null: the whole fleet. */
  readonly selection: readonly string[] | null;
  /** Orphans are to be deleted: then they are among the changes too. */
  readonly prune: boolean;
  /** What was changed by hand since the last apply: reported and left (default `keep`), or put back. */
  readonly drift?: DriftMode;
  /** Addresses of the instances that change, by the earliest moment they can: everything of a wave may change at once. */
  readonly waves?: readonly (readonly string[])[];
  /** The first instance of each image goes alone, whatever the containers say. */
  readonly canary?: boolean;
  /** Instances with the fleet's label that the fleet no longer describes; deleted only on request. */
  readonly orphans: readonly { readonly server: string; readonly project: string; readonly name: string }[];
  /** Profiles with the fleet's label that no instance of the fleet names; deleted only on request, and when nothing uses them. */
  readonly orphanProfiles?: readonly OrphanProfile[];
  /** SHA-256 of the observed world and of the desired instances this plan was made from. */
  readonly basis: string;
}

/** A server that cannot be used holds up nothing but its own part of the fleet. */
export function isOfServer({ subject }: Problem): boolean {
  return subject.startsWith("server ");
}

/** True when applying the plan would change something. */
export function hasChanges(plan: Plan): boolean {
  return plan.changes.some((change) => change.action !== "none");
}
