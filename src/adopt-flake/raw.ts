/** What the Nix of outputs-nix.ts answers. `null` stands for what could not be read. */

export interface RawHost {
  readonly isContainer: boolean;
  readonly hasRoot: boolean;
  readonly system: string | null;
  /** Of `squashfs`, `tarball` and `metadata`, those in `config.system.build`; looked at only where it may be an image. */
  readonly builds: readonly string[];
  /** Of `lxc` and `lxc-metadata`, those in `config.system.build.images`. */
  readonly images: readonly string[];
  readonly kind: "" | "proxmox" | "wsl";
  /** Users with a home by home-manager. */
  readonly users: readonly string[];
}

export interface RawHome {
  readonly user: string | null;
  readonly system: string | null;
}

/** Names of each `*-linux` system. */
export type NamesBySystem = Readonly<Record<string, readonly string[] | null>>;

export interface RawOutputs {
  readonly description: string | null;
  /** The names of all outputs. */
  readonly outputs: readonly string[];
  /** Inputs of flake.nix that flake.lock does not have. */
  readonly unlocked: readonly string[];
  /** Outputs that could not be read at all. */
  readonly broken: readonly string[];
  readonly hosts: Readonly<Record<string, RawHost | null>>;
  /** By the attribute path of the set that they are in. */
  readonly homes: Readonly<Record<string, Readonly<Record<string, RawHome | null>>>>;
  readonly packages: NamesBySystem;
  /** Derivation names of this system's packages that are no pair; `null` also for what is no derivation. */
  readonly images: Readonly<Record<string, string | null>>;
  readonly shells: NamesBySystem;
  readonly oldShells: readonly string[];
  readonly checks: NamesBySystem;
  readonly formatters: readonly string[];
  /** Outputs that nix has no name for: their attributes, and for systems the attributes of these. */
  readonly others: Readonly<Record<string, Readonly<Record<string, readonly string[]>> | null>>;
  /** What deploy-rs knows of hosts. */
  readonly targets: Readonly<Record<string, { readonly host: string; readonly user: string | null } | null>>;
}

/** Something in the outputs that could not be read, and nix's reason. `path` is an attribute path. */
export interface Unread {
  readonly path: string;
  readonly why: string;
}

/** An input of the flake that could not be fetched. */
export interface MissingInput {
  /** The way to it, for example `nixpkgs` or `home-manager/nixpkgs`. */
  readonly name: string;
  readonly url: string;
  readonly why: string;
  readonly hint: string;
}
