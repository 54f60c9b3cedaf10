/**
 * What one project describes: the fleet. Plain readonly data, made by `config/` from the user's TypeScript; nothing here
 * knows Nix, Incus or the file system.
 */
import type { SourcePosition } from "../errors.ts";
import type { NixModule, NixValueTree } from "./nix-module.ts";

/** Everything one project describes. */
export interface Fleet {
  /** Written as `user.floe.fleet` on every Incus object the fleet owns. */
  readonly name: string;
  readonly description: string;
  /** The project's folder, absolute. */
  readonly root: string;
  /** Relative to `root`. */
  readonly configFile: string;
  readonly inputs: Readonly<Record<string, FlakeInput>>;
  readonly servers: Readonly<Record<string, Server>>;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly containers: Readonly<Record<string, Container>>;
  /** Homes of home-manager that belong to no host. */
  readonly homes?: Readonly<Record<string, Home>>;
  readonly shells: Readonly<Record<string, Shell>>;
  /** What shells, packages and checks are made of; absent: nixpkgs as it is. */
  readonly packages?: PackageSet;
  /** Systems for which shells, packages and checks are made; absent: those of the machines. */
  readonly systems?: readonly string[];
  readonly outputs?: FlakeOutputs;
  /** TypeScript and Nix modules that hosts and containers import, by the path of their source file relative to `root`. */
  readonly modules: Readonly<Record<string, NixModule>>;
}

/** An input of the generated flake. A `path` input lies in the project's own folder: it is imported, never locked. */
export type FlakeInput =
  | {
      readonly kind: "url";
      readonly url: string;
      readonly follows: Readonly<Record<string, string>>;
      readonly flake: boolean;
    }
  | { readonly kind: "path"; readonly path: string };

/** An Incus server. `unix` without a path means `$INCUS_SOCKET`, else `$INCUS_DIR/unix.socket`, else `/var/lib/incus/unix.socket`. */
export type Server =
  | { readonly name: string; readonly kind: "unix"; readonly socket?: string }
  | { readonly name: string; readonly kind: "https"; readonly url: string };

/** How nixpkgs is imported. Two that are written alike are one, for one system. In the trees `inputs` and `lib` are free. */
export interface PackageSet {
  readonly config?: NixValueTree;
  readonly overlays: readonly NixValueTree[];
}

/** How the modules of a machine are evaluated. */
interface Evaluated {
  /** A Nix system such as `x86_64-linux`. */
  readonly system: string;
  /** Absent: nixpkgs as it is. */
  readonly packages?: PackageSet;
  /** Arguments of every module beside `inputs`: attribute sets, the later winning. */
  readonly specialArgs?: readonly NixValueTree[];
}

/** What the flake offers beside machines. In trees of a system `pkgs`, `lib`, `system` and `inputs` are free, in the others `inputs` and `lib`. */
export interface FlakeOutputs {
  readonly packages?: NixValueTree;
  readonly checks?: NixValueTree;
  readonly formatter?: NixValueTree;
  readonly overlays?: NixValueTree;
  readonly nixosModules?: NixValueTree;
}

/** A NixOS machine. */
export interface Host extends Evaluated {
  readonly name: string;
  readonly source: SourcePosition;
  /** `local`, an SSH destination, or `incus:SERVER/INSTANCE`; none: reached only from the machine of that name. */
  readonly target?: string;
  readonly tags: readonly string[];
  readonly health: readonly HealthCheck[];
  readonly module: NixModule;
}

/** A home of home-manager. Its name may be `USER@HOST`. */
export interface Home extends Evaluated {
  readonly name: string;
  readonly source: SourcePosition;
  readonly tags: readonly string[];
  readonly module: NixModule;
}

/** A container image definition with the instances that run it. */
export interface Container extends Evaluated {
  readonly name: string;
  readonly source: SourcePosition;
  readonly tags: readonly string[];
  readonly module: NixModule;
  readonly instances: Readonly<Record<string, Instance>>;
}

/** A running container made from a container image. Everything is filled in: defaults are applied by `config/`. */
export interface Instance {
  readonly name: string;
  /** The container it is made from. */
  readonly container: string;
  /** A key of `Fleet.servers`. */
  readonly server: string;
  /** The Incus project. */
  readonly project: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly autostart: boolean;
  readonly profiles: readonly string[];
  readonly network?: Network;
  /** Container path to bind mount. */
  readonly mounts: Readonly<Record<string, Mount>>;
  /** Container path to custom volume. */
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly ports: readonly Port[];
  readonly gpu?: Gpu;
  /** Incus config keys, verbatim. */
  readonly config: Readonly<Record<string, string>>;
  /** Incus devices, verbatim. */
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly cloudInit?: CloudInit;
  readonly health: readonly HealthCheck[];
  readonly update: "swap";
  /** Images and instances of this name to keep, the running one counted; at least 1. */
  readonly keep: number;
}

export interface Network {
  /** A bridge of the server (`nictype: bridged`). Exactly one of `bridge` and `network`. */
  readonly bridge?: string;
  /** A network managed by Incus. */
  readonly network?: string;
  /** Static address with prefix length, for example `192.168.6.93/24`. */
  readonly address?: string;
  readonly gateway?: string;
  readonly mac?: string;
}

export interface Mount {
  /** Absolute path on the server. */
  readonly source: string;
  readonly shift: boolean;
  readonly readonly: boolean;
}

export interface Volume {
  readonly pool: string;
  readonly name: string;
  /** True: attach a volume that floe did not make. False: floe makes it when it is missing. */
  readonly existing: boolean;
}

/** `listen` on the server, `connect` in the container, both `tcp:ADDRESS:PORT` or `udp:ADDRESS:PORT`. */
export interface Port {
  readonly listen: string;
  readonly connect: string;
}

/** PCI ids, four hex digits each. */
export interface Gpu {
  readonly vendor?: string;
  readonly product?: string;
  readonly pci?: string;
}

export interface CloudInit {
  readonly userData?: string;
  readonly vendorData?: string;
  readonly networkConfig?: string;
}

/** One way to know that an instance or host works. Times are milliseconds. */
export type HealthCheck = HealthProbe & {
  /** Give up after this long. */
  readonly withinMs: number;
  readonly intervalMs: number;
};
export type HealthProbe =
  | { readonly kind: "http"; readonly url: string; readonly status?: number; readonly body?: string }
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "exec"; readonly command: readonly string[] };

/** A dev shell. */
export interface Shell {
  readonly name: string;
  readonly source: SourcePosition;
  /** The argument of `mkShell`, or the whole derivation. */
  readonly body: NixValueTree;
  readonly isDerivation?: boolean;
}

/** Every instance of the fleet, in the order of its name. */
export function instancesOf(fleet: Fleet): Instance[] {
  return Object.values(fleet.containers)
    .flatMap((container) => Object.values(container.instances))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
