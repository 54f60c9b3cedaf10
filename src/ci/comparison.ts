/** What differs between the fleet of another commit and the one on disk: plain data. */
import type { PackageChange } from "../model/host-plan.ts";

/**
 * `same`: nix would build exactly what it built before. `broken`: it evaluates no more; `mended`: it does again.
 */
export type PartState = "same" | "changed" | "new" | "gone" | "broken" | "mended";

/** A host, the image of a container, a home or a shell. */
export interface PartChange {
  readonly kind: "host" | "container" | "home" | "shell";
  readonly name: string;
  readonly state: PartState;
  /** Of one that is `changed`: important ones first. Absent where it cannot be told. */
  readonly packages?: readonly PackageChange[];
  /** `closures`: both are built here. `derivations`: sizes, and what only other packages need, are not known. */
  readonly packagesFrom?: "closures" | "derivations";
  /** Names of systemd units whose text is another one, that are new or gone. */
  readonly units?: readonly string[];
  /** Names of the derivations in which the difference begins: all others differ because these do. */
  readonly origins?: readonly string[];
  /** Of one that is `broken`: nix's words. */
  readonly error?: string;
}

/** A setting by its path, as `network.address`; one side is absent where it was not, or is not any more. */
export interface SettingChange {
  readonly setting: string;
  readonly before?: string;
  readonly after?: string;
}

/** An instance whose description is another one. It can change without its image. */
export interface InstanceChange {
  readonly name: string;
  readonly container: string;
  readonly state: "changed" | "new" | "gone";
  readonly settings: readonly SettingChange[];
}

export interface Comparison {
  readonly base: {
    /** As it was asked for. */
    readonly ref: string;
    /** The common ancestor, in full; absent: there is nothing to compare with. */
    readonly commit?: string;
    /** Why there is nothing, or nothing readable, to compare with: then everything is new. */
    readonly problem?: string;
  };
  /** Hosts, containers, homes and shells, each by name; those that are the same as well. */
  readonly parts: readonly PartChange[];
  readonly instances: readonly InstanceChange[];
  /** Inputs of the flake that moved: `nixpkgs 4a1f… → 9c0e… (3 days newer)`. */
  readonly inputs: readonly string[];
}

/** Whether nix has something to build that it had not. */
export function hasToBuild({ state }: PartChange): boolean {
  return state === "changed" || state === "new" || state === "mended";
}

export function hasDifferences({ parts, instances }: Comparison): boolean {
  return instances.length > 0 || parts.some(({ state }) => state !== "same");
}
