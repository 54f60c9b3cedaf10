/** The plan: plain data that says what changes and why. It can be printed, saved, and applied later if the world has not moved. */
import type { RelatedPlace } from "./evaluation.ts";

export type ChangeAction = "create" | "update" | "replace" | "delete" | "none";

/** How an instance gets from what it is to what it should be. */
export type ChangeMethod =
  /** Made new. */
  | "create"
  /** A successor is made beside it, then takes its place; the predecessor is kept. */
  | "swap"
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

/** One reason for a change; `before` and `after` are values as Incus holds them, absent when there is none. */
export interface Difference {
  /** `image`, `config.KEY`, `devices.NAME`, `devices.NAME.KEY`, `profiles`, `description`, `status`. */
  readonly key: string;
  readonly before?: string;
  readonly after?: string;
  /** For people: `derivation changed`, `stopped`, ... */
  readonly note?: string;
}

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
}

export type Change = InstanceChange | VolumeChange | ImageChange;

/** Something that stops one part of the fleet from being planned or applied. */
export interface Problem {
  /** What it is about: `container web`, `instance web-1`, `server crown`. */
  readonly subject: string;
  readonly message: string;
  readonly hint?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Further places that belong to it. */
  readonly related?: readonly RelatedPlace[];
  /** All that nix printed; left out of reports unless it is asked for. */
  readonly trace?: string;
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
  /** Instances with the fleet's label that the fleet no longer describes; deleted only on request. */
  readonly orphans: readonly { readonly server: string; readonly project: string; readonly name: string }[];
  /** SHA-256 of the observed world and of the desired instances this plan was made from. */
  readonly basis: string;
}

/** True when applying the plan would change something. */
export function hasChanges(plan: Plan): boolean {
  return plan.changes.some((change) => change.action !== "none");
}
