/**
 * What one project describes: the fleet. Plain readonly data, made by `config/` from the user's TypeScript; nothing here
 * knows Nix, Incus or the file system.
 */
import type { SourcePosition } from "../errors.ts";
import type { NixModule, NixValueTree } from "./nix-module.ts";
import type { Tooling } from "./tooling.ts";

/** Everything one project describes. */
export interface Fleet {
  /** Written as `user.floe.fleet` on every Incus object the fleet owns. */
  readonly name: string;
  readonly description: string;
  /** The project's folder, absolute. */
  readonly root: string;
  /** Relative to `root`. */
  readonly configFile: string;
  /** An existing flake that floe reads and never writes, relative to `root`; absent: floe writes flake.nix. */
  readonly flake?: string;
  readonly inputs: Readonly<Record<string, FlakeInput>>;
  readonly servers: Readonly<Record<string, Server>>;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly containers: Readonly<Record<string, Container>>;
  /** Incus profiles that the fleet owns, by name; one is synced to each server and project whose instances name it. */
  readonly profiles?: Readonly<Record<string, Profile>>;
  /** Homes of home-manager that belong to no host. */
  readonly homes?: Readonly<Record<string, Home>>;
  readonly shells: Readonly<Record<string, Shell>>;
  /** What shells, packages and checks are made of; absent: nixpkgs as it is. */
  readonly packages?: PackageSet;
  /** Systems for which shells, packages and checks are made; absent: those of the machines. */
  readonly systems?: readonly string[];
  readonly outputs?: FlakeOutputs;
  readonly nightly?: Nightly;
  /** The dashboard as a service. */
  readonly serve?: Dashboard;
  /** Formatters and linters of the project's files. */
  readonly tooling?: Tooling;
  /** How the hosts are switched; absent: as many at once as there are, up to a limit. */
  readonly rollout?: Rollout;
  /** Machines that Nix may build on. */
  readonly builders?: readonly Builder[];
  /** Binary caches that get what was built. */
  readonly pushTo?: readonly PushCache[];
  /** TypeScript and Nix modules that hosts and containers import, by the path of their source file relative to `root`. */
  readonly modules: Readonly<Record<string, NixModule>>;
}

/** Names below the outputs of a flake: `["nixosConfigurations", "crown"]`. */
export type AttributePath = readonly string[];

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
  | {
      readonly name: string;
      readonly kind: "https";
      readonly url: string;
      /** SHA-256 of the server's certificate, 64 hex digits; absent: the one that `floe remote add` pinned. */
      readonly fingerprint?: string;
      /** The Nix store of its machine, for instances that are updated in place: `ssh-ng://root@crown.lan`, or `local` for this machine's. */
      readonly store?: string;
    };

/** An apply by the clock, unattended. */
export interface Nightly {
  /** The host of the fleet that runs it; absent: a machine with the units that `floe nightly` prints. */
  readonly host?: string;
  /** The project's folder on that machine, absolute. */
  readonly folder: string;
  /** The user whose project it is. */
  readonly user: string;
  /** systemd's `OnCalendar`. */
  readonly at: string;
  /** A systemd time span; the begin is put off by a random part of it. */
  readonly randomDelay: string;
  /** Inputs of the flake that are brought up to date before. */
  readonly updateInputs: readonly string[];
  readonly instances: "running" | "all";
  readonly notify: readonly Notification[];
}

/** The dashboard as a service: where it runs, and what `floe serve` is told. */
export interface Dashboard {
  /** The host of the fleet that runs it; absent: a machine with the unit that `floe serve-unit` prints. */
  readonly host?: string;
  /** The project's folder on that machine, absolute. */
  readonly folder: string;
  /** The user whose project it is. */
  readonly user: string;
  readonly port: number;
  /** An IP address; absent: 127.0.0.1. */
  readonly listen?: string;
  /** Absolute paths of PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** On another address than loopback, without TLS. */
  readonly insecure: boolean;
  readonly readOnly: boolean;
  readonly basePath?: string;
  readonly allowHosts: readonly string[];
  /** The header by which a reverse proxy says who is logged in. */
  readonly trustProxyUser?: string;
  /** Whether systemd takes from it what it does not need; absent: unless it may have to become root on its machine. */
  readonly sandbox?: boolean;
}

/** Where the summary goes, unless nothing changed. */
export type Notification =
  /** POST of a JSON document. */
  | { readonly kind: "webhook"; readonly url: NotificationUrl }
  /** POST of a text as https://docs.ntfy.sh/publish/ takes it. */
  | { readonly kind: "ntfy"; readonly url: NotificationUrl }
  /** A command that reads the text; the subject is in `$FLOE_SUBJECT`. */
  | { readonly kind: "command"; readonly command: readonly string[] };

/** A URL that is a secret may stand in a file, read when it is needed. */
export type NotificationUrl = string | { readonly file: string };

/** A remote builder of Nix, as a line of its `builders` says it. */
export interface Builder {
  /** A store: `ssh-ng://nix@build.lan`. */
  readonly host: string;
  /** Nix systems that it builds. */
  readonly systems: readonly string[];
  /** Builds at the same time. */
  readonly maxJobs: number;
  /** Against the others: one of 2 is preferred to one of 1. */
  readonly speed: number;
  /** `kvm`, `big-parallel`, ...: builds that need one of them go only where it is. */
  readonly features: readonly string[];
  /** Features without which a build does not go there. */
  readonly mandatoryFeatures: readonly string[];
  /** Absolute path of the SSH key; absent: what ssh uses. */
  readonly key?: string;
  /** The machine's own key in base64, as `base64 -w0 /etc/ssh/ssh_host_ed25519_key.pub` prints it. */
  readonly hostKey?: string;
}

/** A binary cache that is written to. */
export interface PushCache {
  /** As `nix copy --to` takes it: `file:///srv/cache`, `ssh-ng://root@cache.lan`, `s3://bucket`. */
  readonly url: string;
  /** Absolute path of the secret key that signs what goes there; absent: it goes as it is. */
  readonly key?: string;
}

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
  /** How who is not root there becomes it; absent: found out. */
  readonly elevation?: "sudo" | "run0" | "doas";
  /** Where its system is built; default `here`, which remote builders count as. */
  readonly build?: "here" | "target";
  /** What the machine gets from its own substituters is not copied to it; default true. */
  readonly substitute?: boolean;
  /** Names of hosts that must be switched before this one. */
  readonly dependsOn?: readonly string[];
  /** How long the machine waits for floe after a switch before it goes back by itself; default 30 seconds. */
  readonly confirmMs?: number;
  /** Generations to keep, at least 1; absent: what `floe gc` is told. */
  readonly keep?: number;
  /** The NixOS configuration of the existing flake that it is. */
  readonly from?: AttributePath;
  /** Empty where `from` is given. */
  readonly module: NixModule;
}

/** A home of home-manager. Its name may be `USER@HOST`. */
export interface Home extends Evaluated {
  readonly name: string;
  readonly source: SourcePosition;
  /** `local`, or an SSH destination; absent: the machine that its name says, and this one where it says none. */
  readonly target?: string;
  /** Whose home it is. */
  readonly user: string;
  readonly tags: readonly string[];
  /** The home configuration of the existing flake that it is. */
  readonly from?: AttributePath;
  /** Empty where `from` is given. */
  readonly module: NixModule;
}

/** A container image definition with the instances that run it. */
export interface Container extends Evaluated {
  readonly name: string;
  readonly source: SourcePosition;
  readonly tags: readonly string[];
  /** The two parts of its image in the existing flake, derivations both. */
  readonly from?: { readonly rootfs: AttributePath; readonly metadata: AttributePath };
  /** Empty where `from` or `image` is given; with `image` floe builds nothing. */
  readonly module: NixModule;
  /** An image that floe does not build; absent: the one of `module`. */
  readonly image?: ForeignImage;
  /** Absent: one after the other, in the order of their names. */
  readonly rollout?: Rollout;
  readonly instances: Readonly<Record<string, Instance>>;
}

/** An image that is on the server already, or on another: exactly one of `alias` and `fingerprint`. */
export interface ForeignImage {
  readonly alias?: string;
  /** 64 hex digits, or a prefix of at least 12. */
  readonly fingerprint?: string;
  /** Where it is copied from: a URL; absent: the server itself has it. */
  readonly server?: string;
  /** How `server` speaks; default `simplestreams`. */
  readonly protocol?: "simplestreams" | "incus";
  /** PEM, for a `server` whose certificate no authority signed. */
  readonly certificate?: string;
}

/** How the instances of one image, or the hosts, are updated. */
export interface Rollout {
  /** The first one is changed alone, and the others only once it is healthy. */
  readonly canary: boolean;
  /** How many change at the same time after that; at least 1. */
  readonly parallel: number;
}

/** An Incus profile that the fleet owns. */
export interface Profile {
  readonly name: string;
  readonly source: SourcePosition;
  readonly description: string;
  /** Incus config keys, verbatim. */
  readonly config: Readonly<Record<string, string>>;
  /** Incus devices, verbatim. */
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * How an instance gets a new root file system.
 * - `swap`: a successor beside it takes its place when it is stopped; the predecessor is kept.
 * - `swap-warm`: the successor is started and proved healthy, without addresses and ports, before the predecessor stops.
 * - `rebuild`: the root disk of the same instance is made anew (`incus rebuild`); the previous image is kept to go back to.
 * - `in-place`: `/nix/store` is the server's, and the new system is switched to inside the running container.
 */
export type UpdateStrategy = "swap" | "swap-warm" | "rebuild" | "in-place";

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
  /** USB devices by their ids. */
  readonly usb?: readonly Usb[];
  /** Character devices of the server, by their path in the container. */
  readonly charDevices?: Readonly<Record<string, CharDevice>>;
  /** The root disk; absent: what the profiles say. */
  readonly root?: RootDisk;
  /** `container` where absent. */
  readonly type?: "container" | "virtual-machine";
  /** A member of the cluster, or `@group`. */
  readonly member?: string;
  /** Environment of what runs inside (`environment.*`). */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files that stay on the server and are seen inside read-only: path inside to path on the server. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Names of instances of the fleet that must be up before this one is changed. */
  readonly dependsOn?: readonly string[];
  readonly boot?: Boot;
  readonly snapshots?: SnapshotSchedule;
  /** Incus config keys, verbatim. */
  readonly config: Readonly<Record<string, string>>;
  /** Incus devices, verbatim. */
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly cloudInit?: CloudInit;
  readonly health: readonly HealthCheck[];
  readonly update: UpdateStrategy;
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
  /** What a volume that floe makes begins with, such as its `size`; one that is there keeps what it has. */
  readonly config?: Readonly<Record<string, string>>;
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

/** Four hex digits each. */
export interface Usb {
  readonly vendor?: string;
  readonly product?: string;
  readonly serial?: string;
  /** The instance starts only when the device is there. */
  readonly required: boolean;
}

export interface CharDevice {
  /** Absolute path on the server. */
  readonly source: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Octal, for example `0660`. */
  readonly mode?: string;
}

export interface RootDisk {
  readonly pool: string;
  /** With unit, for example `20GiB`. */
  readonly size?: string;
}

/** When the server boots and shuts down. Times are whole seconds. */
export interface Boot {
  /** Higher starts first, and is rolled out first. */
  readonly priority?: number;
  readonly delay?: number;
  /** How long it may take to stop. */
  readonly shutdownTimeout?: number;
}

export interface SnapshotSchedule {
  /** Cron expression, or `@hourly`, `@daily`, `@weekly`, `@monthly`. */
  readonly schedule: string;
  /** For example `2w`. */
  readonly expiry?: string;
  readonly pattern?: string;
}

export interface CloudInit {
  /** Where the instance reads it: Incus' config keys (default), or the seed folder of cloud-init's NoCloud. */
  readonly channel?: "config" | "nocloud";
  /** With `nocloud`: a folder on the server that is mounted read-only as the seed folder; absent: floe writes the files into a new root. */
  readonly folder?: string;
  readonly userData?: string;
  readonly vendorData?: string;
  readonly networkConfig?: string;
}

/** One way to know that an instance or host works. Times are milliseconds. */
export type HealthCheck = HealthProbe & {
  /** Give up after this long. */
  readonly withinMs: number;
  readonly intervalMs: number;
  /** Times in a row that it must pass; default 1. */
  readonly passes?: number;
  /** Who asks: floe's machine (default), or the server of the instance, for addresses that only the server reaches. */
  readonly from?: "here" | "server";
};
export type HealthProbe =
  | { readonly kind: "http"; readonly url: string; readonly status?: number; readonly body?: string }
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "exec"; readonly command: readonly string[] }
  /** The system is up (`systemctl is-system-running`); units that failed before the change too are not counted. */
  | { readonly kind: "systemd"; readonly allowDegraded: boolean }
  /** The guest said that it is ready (status `Ready`, code 113). */
  | { readonly kind: "ready" };

/** A dev shell. */
export interface Shell {
  readonly name: string;
  readonly source: SourcePosition;
  /** Its name in the existing flake's `devShells.SYSTEM`. */
  readonly from?: string;
  /** The argument of `mkShell`, or the whole derivation; empty where `from` is given. */
  readonly body: NixValueTree;
  readonly isDerivation?: boolean;
}

/** The containers whose images floe builds: those of other images are no part of the flake. */
export function builtContainers({ containers }: Pick<Fleet, "containers">): Fleet["containers"] {
  const built = Object.entries(containers).filter(([, { image }]) => image === undefined);
  return built.length === Object.keys(containers).length ? containers : Object.fromEntries(built);
}

/** Every instance of the fleet, in the order of its name. */
export function instancesOf(fleet: Fleet): Instance[] {
  return Object.values(fleet.containers)
    .flatMap((container) => Object.values(container.instances))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
