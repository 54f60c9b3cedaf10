import type { Expr, NixSet, NixValue } from "./expr.ts";
import type { NixTypes } from "./nix-types.ts";
import type { OptionTree, OptionValues, Ref } from "./options.ts";
import type { Checked, Nix, NixPackage, Registered, V } from "./typed.ts";

/**
 * What the users' functions (`fleet`, `host`, `container`, `home`, `module`, `profile`, `shell`, `shells`) return: data that `config/` reads. They are
 * recognised by a registered symbol, because the user's code and floe may hold two copies of this module.
 */
export const definition: unique symbol = Symbol.for("floe.definition") as never;

/** Where a definition was written. `file` is absolute, lines and columns count from 1. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Definition<Kind extends string> {
  readonly [definition]: Kind;
  readonly source: CallSite;
}

/** The arguments of a module function: recorded references, not values. Untyped until `floe types` has run. */
export type ModuleArguments = NamedArguments & {
  /** Whatever else the module system passes: `specialArgs`, `utils`, ... */
  readonly [name: string]: Expr;
};

interface NamedArguments {
  readonly config: Registered<"config", Expr>;
  readonly lib: Registered<"lib", Expr>;
  readonly pkgs: Registered<"pkgs", Expr>;
  readonly options: Expr;
  readonly modulesPath: Expr;
  /** The flake's inputs, `self` among them. */
  readonly inputs: Expr;
}

/** What a module says: any attribute set, and the options of the fleet's nixpkgs once `floe types` has run. */
export type ModuleContent = NixTypes extends { readonly module: infer Module } ? V<Module> : NixSet;

/** A module's body: a function of the module arguments, or the attribute set itself. */
export type ModuleBody = ((args: ModuleArguments) => ModuleContent) | ModuleContent;

/**
 * A body as the users' functions take it. `Returned` is inferred from what a function returns, and is `NoFunction` for an attribute set. One
 * parameter of two forms and no overloads: so the compiler reports a mistake where it is, and not at the whole call. In the first form it also
 * looks for what may be written.
 */
export type BodyOf<Returned> = NixTypes extends { readonly module: infer Module }
  ? BodyWith<Returned, ModuleArguments, V<Module>>
  : ModuleBody;

type BodyWith<Returned, Arguments, Content> = [Returned] extends [NoFunction]
  ? Content | ((args: Arguments) => Content | Returned)
  : (args: Arguments) => Checked<Returned, Content>;

declare const nothing: unique symbol;

/** The same of a container alone, where an attribute set may be what is said of an image that floe does not build. */
export type ContainerBodyOf<Returned> = [Returned] extends [NoFunction]
  ? BodyOf<Returned> | ForeignContainerSpec
  : BodyOf<Returned>;

type ForeignContainerSpec = ContainerSpec &
  (Required<Pick<ContainerSpec, "image">> | Required<Pick<ContainerSpec, "from">>);

/** The same of a host, where an attribute set may be what is said of one that an existing flake has. */
export type HostBodyOf<Returned> = [Returned] extends [NoFunction]
  ? BodyOf<Returned> | (HostSpec & Required<Pick<HostSpec, "from">>)
  : BodyOf<Returned>;

/** What stands for the result of a function where none is given, or is not known yet. */
export type NoFunction = typeof nothing;

/** The same for the body of a home, whose options are home-manager's. */
export type HomeBodyOf<Returned> = NixTypes extends { readonly home: infer Module }
  ? BodyWith<Returned, HomeArguments, V<Module>>
  : HomeBody;

/** The same of a home alone, as `HostBodyOf`. */
export type LoneHomeBodyOf<Returned> = [Returned] extends [NoFunction]
  ? HomeBodyOf<Returned> | (HomeSpec & Required<Pick<HomeSpec, "from">>)
  : HomeBodyOf<Returned>;

/** The arguments of a home's modules. */
export type HomeArguments = Omit<NamedArguments, "config"> & { readonly config: Registered<"homeConfig", Expr> } & {
  readonly [name: string]: Expr;
};

type HomeBody = ((args: HomeArguments) => NixSet | Nix<unknown>) | NixSet;

/** What a module says that hosts, containers and homes import: where the options of homes are known, those or NixOS's. */
type ImportedContent = NixTypes extends { readonly module: infer Module }
  ? V<Module | Registered<"home", never>>
  : UntypedModule | Nix<unknown>;
/** No functions where a declaration has some: the compiler would not know which of the two to go by. */
interface UntypedModule extends NixSet {
  readonly imports?: readonly NixValue[];
  readonly options?: object;
  readonly config?: NixSet | Nix<unknown>;
}
type ImportedArguments = ModuleArguments & { readonly config: Registered<"homeConfig", unknown> };

/**
 * What `module` takes: a body, or a declaration with options. `Returned` is what the body returns, `Configured` what the declaration's `config` does;
 * `NoFunction` stands for the one that is not there. Not two overloads, of which the compiler would only say that none fits. The first part is where
 * it looks for what may be written, and has no condition on `Options`, which are not known yet when `config` is looked at; the second makes it
 * report a mistake where it is.
 */
export type ModuleOf<Options extends OptionTree, Returned, Configured> = (
  | ModuleDeclaration<Options, Configured>
  | ImportedContent
  | ((args: ImportedArguments) => Result<Returned, ImportedContent>)
) &
  ([Returned] extends [NoFunction]
    ? [Configured] extends [NoFunction]
      ? unknown
      : { readonly config: (args: DeclaredArguments<Options>) => Result<Configured, ConfigContent> }
    : (args: ImportedArguments) => Result<Returned, ImportedContent>);

type Result<Returned, Content> = [Returned] extends [NoFunction]
  ? Content | Returned
  : CheckedResult<Returned, Content>;

/** Without known options there is nothing to check. */
type CheckedResult<Returned, Content> = NixTypes extends { readonly module: unknown }
  ? Checked<Returned, Content>
  : Content;

/** A module with options of its own. `cfg` is what they are set to, typed from their declaration. */
export interface ModuleDeclaration<Options extends OptionTree, Configured = NoFunction> {
  readonly imports?: readonly NixValue[] | ((args: ModuleArguments) => readonly NixValue[]);
  readonly options: Options | ((args: ModuleArguments) => Options);
  readonly config?: ConfigContent | ((args: DeclaredArguments<Options>) => Result<Configured, ConfigContent>);
}

type DeclaredArguments<Options extends OptionTree> = ModuleArguments & { readonly cfg: Ref<OptionValues<Options>> };

type ConfigContent = NixTypes extends { readonly options: infer All } ? V<All> : NixSet | Nix<unknown>;

/** What values of the flake itself, outside any module, can refer to. */
export interface FlakeArguments {
  /** The flake's inputs, `self` among them. */
  readonly inputs: Expr;
  /** `inputs.nixpkgs.lib`. */
  readonly lib: ModuleArguments["lib"];
}

/** The same for what is made once a system: packages, checks, dev shells. */
export interface SystemArguments extends FlakeArguments {
  readonly pkgs: ModuleArguments["pkgs"];
  /** `"x86_64-linux"`, as Nix knows it. */
  readonly system: Expr;
}

/** A value, or a function of what the flake knows. */
export type FlakeValue<T> = T | ((args: FlakeArguments) => T);

/** A change to the package set: what it returns is added to, or replaced in, `prev`; `final` is the set with all changes made. */
export type Overlay = (final: Expr, prev: Expr) => NixSet;

/**
 * How nixpkgs is made for a machine. Machines that agree on it, and on the system, share one package set. A module of such a machine
 * then leaves the option `nixpkgs.config` alone; without this key it may set it, and the machine gets a package set of its own.
 */
export interface NixpkgsSpec {
  /** `{ allowUnfree: true, cudaSupport: true, permittedInsecurePackages: ["..."] }`, verbatim. */
  readonly config?: NixSet;
  readonly overlays?: readonly (Overlay | Nix<unknown>)[];
}

/** Outputs that are made once a system: by name, derivations. */
export type SystemOutput = (args: SystemArguments) => NixSet;

export interface DirReference {
  readonly [definition]: "dir";
  readonly path: string;
}

export interface FleetSpec {
  /** Default: the name of the project's folder. */
  readonly name?: string;
  readonly description?: string;
  /**
   * `"./flake.nix"`: an existing flake, which floe reads and never writes. `from` of hosts, homes, containers and shells then names what it has; its
   * inputs are its own.
   */
  readonly flake?: string;
  /** Flake references (`"github:..."`, `"git+https://..."`, `"path:/..."`, a tarball's URL), or a folder of the project. Needed without `flake`. */
  readonly inputs?: Readonly<
    Record<
      string,
      | string
      | DirReference
      | { readonly url: string; readonly follows?: Readonly<Record<string, string>>; readonly flake?: boolean }
    >
  >;
  /** For all machines, homes, shells and packages; what a host says itself is added to it. */
  readonly nixpkgs?: FlakeValue<NixpkgsSpec>;
  /** Further arguments of every module. `inputs` is always among them. */
  readonly specialArgs?: FlakeValue<NixSet>;
  /** Systems of the packages, checks and shells. Default: those of the machines. */
  readonly systems?: readonly string[];
  readonly user?: { readonly name: string; readonly home?: string };
  /** Incus servers by name; none given: `{ local: {} }`, this machine's socket. */
  readonly incus?: Readonly<
    Record<
      string,
      { readonly url?: string; readonly socket?: string; readonly fingerprint?: string; readonly store?: string }
    >
  >;
  readonly hosts?: DirReference | Readonly<Record<string, HostDefinition>>;
  readonly containers?: DirReference | Readonly<Record<string, ContainerDefinition>>;
  /** An apply by the clock. */
  readonly nightly?: NightlySpec;
  /** The dashboard as a service. */
  readonly serve?: ServeSpec;
  /** Formatters by the files they are for: `{ "*.nix": "nixfmt", "*.py": ["isort", "black"] }`. A pattern without a slash fits in any folder. */
  readonly format?: Readonly<Record<string, FormatterUse | readonly FormatterUse[]>>;
  /** Linters by the files they are for. */
  readonly lint?: Readonly<Record<string, LinterUse | readonly LinterUse[]>>;
  /** Patterns of files that formatters and linters leave alone: `["vendor/", "*.gen.ts"]`. */
  readonly exclude?: readonly string[];
  /** How the hosts are switched. Default: up to five at the same time. */
  readonly rollout?: RolloutSpec;
  /** Machines that Nix may build on, beside those of nix.conf's `builders`. */
  readonly builders?: readonly BuilderSpec[];
  /** Binary caches: `push` names those that get what floe built for hosts. */
  readonly caches?: { readonly push?: readonly PushCacheSpec[] };
  /** Incus profiles that the fleet owns: made and kept up to date wherever an instance names them. */
  readonly profiles?: DirReference | Readonly<Record<string, ProfileDefinition>>;
  /** Homes of home-manager that belong to no host of this fleet; needs the input `home-manager`. */
  readonly homes?: DirReference | Readonly<Record<string, HomeDefinition>>;
  readonly shells?: string | ShellsDefinition | Readonly<Record<string, ShellDefinition>>;
  /** `packages.SYSTEM.NAME`, beside the images of the containers. */
  readonly packages?: SystemOutput;
  /** `checks.SYSTEM.NAME`: what `nix flake check` builds. */
  readonly checks?: SystemOutput;
  /** `formatter.SYSTEM`: what `nix fmt` runs. */
  readonly formatter?: (args: SystemArguments) => Nix<unknown>;
  readonly overlays?: Readonly<Record<string, Overlay | Nix<unknown>>>;
  /** Modules for other flakes, and for hosts as `inputs.self.nixosModules.NAME`. */
  readonly nixosModules?: Readonly<Record<string, ModuleDefinition | Expr>>;
}

/** `floe apply` by the clock, unattended, with a summary of what changed. */
export interface NightlySpec {
  /** The host of this fleet that runs it: it gets a systemd timer. None: `floe nightly` prints units for any other machine. */
  readonly host?: string;
  /** The project's folder on that machine. */
  readonly folder: string;
  /** Whose project it is. Default: the fleet's user, else root. */
  readonly user?: string;
  /** When, as systemd's OnCalendar says it. Default `"03:30"`. */
  readonly at?: string;
  /** The begin is put off by a random part of this time span of systemd. Default `"15min"`. */
  readonly randomDelay?: string;
  /** Inputs to bring up to date before; one that is not said stays as it is locked. */
  readonly updateInputs?: readonly string[];
  /** Only the instances that run (default), or all. */
  readonly instances?: "running" | "all";
  /** Who is told when something changed or failed. A URL that is a secret may stand in a file. */
  readonly notify?: readonly (
    | { readonly webhook: string | { readonly file: string } }
    | { readonly ntfy: string | { readonly file: string } }
    | { readonly command: readonly string[] }
  )[];
}

/** `floe serve` as a service of systemd. */
export interface ServeSpec {
  /** The host of this fleet that runs it: it gets the service. None: `floe serve-unit` prints a unit for any other machine. */
  readonly host?: string;
  /** The project's folder on that machine. */
  readonly folder: string;
  /** Whose project it is, and as whom everything is done. Default: the fleet's user, else root. */
  readonly user?: string;
  /** Default 4790. */
  readonly port?: number;
  /** An IP address other than 127.0.0.1; then `tls`, or `insecure`. */
  readonly listen?: string;
  /** PEM files on that machine. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Over the network without TLS: everybody on the way can read along and take over. */
  readonly insecure?: boolean;
  /** Show everything, change nothing. */
  readonly readOnly?: boolean;
  /** Where it is below a reverse proxy: `"/floe/"`. */
  readonly basePath?: string;
  /** Further names by which browsers reach it: `["floe.lan"]`. */
  readonly allowHosts?: readonly string[];
  /** Who is logged in, by this header of a reverse proxy on that machine: `"Remote-User"`. */
  readonly trustProxyUser?: string;
  /** Whether systemd takes from it what it does not need. Default: unless it is root, or switches the machine that it runs on. */
  readonly sandbox?: boolean;
}

/** What says how a machine's modules are evaluated. */
interface EvaluationSpec {
  /** Default: the system of the machine that floe runs on. */
  readonly system?: string;
  readonly nixpkgs?: FlakeValue<NixpkgsSpec>;
  /** Further arguments of every module. */
  readonly specialArgs?: FlakeValue<NixSet>;
}

/** A machine that Nix may build on. */
export interface BuilderSpec {
  /** A store that Nix reaches: `"ssh-ng://nix@build.lan"`. */
  readonly host: string;
  /** What it can build for; default: the system of the machine that floe runs on. */
  readonly systems?: readonly string[];
  /** Builds at the same time; default 1. */
  readonly maxJobs?: number;
  /** Against the others; default 1. */
  readonly speed?: number;
  /** `["kvm", "big-parallel"]`: what builds may ask for. */
  readonly features?: readonly string[];
  /** Only builds that ask for one of these go there. */
  readonly mandatoryFeatures?: readonly string[];
  /** The path of the SSH key, which Nix' daemon must be able to read. */
  readonly key?: string;
  /** The machine's own key, as `base64 -w0 /etc/ssh/ssh_host_ed25519_key.pub` prints it there. */
  readonly hostKey?: string;
}

/** A binary cache that is written to. */
export interface PushCacheSpec {
  /** `"file:///srv/cache"`, `"ssh-ng://root@cache.lan"` or `"s3://bucket?region=eu-west-1"`. */
  readonly url: string;
  /** The path of a secret key that `nix key generate-secret` made: what goes there is signed with it. */
  readonly key?: string;
}

export interface HostSpec extends EvaluationSpec {
  /** `"nixosConfigurations.crown"`: a NixOS configuration of the existing flake; then there is no module. */
  readonly from?: string;
  /** `"local"`, an SSH destination such as `"root@crown.lan"`, or `"incus:SERVER/INSTANCE"`. None: only the machine of that name itself. */
  readonly target?: string;
  readonly tags?: readonly string[];
  /** What must work after a switch; when it does not, the machine goes back. `exec` runs on the machine, as root. */
  readonly health?: readonly HealthSpec[];
  /** How who is not root there becomes root. Default: found out. */
  readonly elevation?: "sudo" | "run0" | "doas";
  /** Where its system is built. Default `"here"`; `"target"` copies the derivations and builds on the machine itself. */
  readonly build?: "here" | "target";
  /** Whether the machine fetches from its own binary caches what they have, instead of getting it from here. Default true. */
  readonly substitute?: boolean;
  /** Hosts of the fleet that must be switched before this one. */
  readonly dependsOn?: readonly string[];
  /** How long the machine waits for floe after a switch before it goes back by itself. Default `"30s"`. */
  readonly confirm?: Duration;
  /** Generations that `floe gc` leaves. */
  readonly keep?: number;
}

/** Formatters that floe knows how to call. */
export type FormatterName =
  | "nixfmt"
  | "nixpkgs-fmt"
  | "alejandra"
  | "prettier"
  | "black"
  | "isort"
  | "biome"
  | "shfmt"
  | "taplo";

/** Linters that floe knows how to call. */
export type LinterName = "statix" | "deadnix" | "pylint" | "eslint" | "biome" | "shellcheck" | "yamllint";

/** Any other program. The files are put behind its words. */
export interface ToolSpec {
  /** `["treefmt", "--quiet"]`: a formatter changes files in place, a linter ends with another code than 0 when something is wrong. */
  readonly command: readonly [string, ...string[]];
  /** For a formatter: the words with which it changes nothing and only says whether it would. None: a copy is formatted and compared. */
  readonly check?: readonly string[];
  /** The attribute of nixpkgs that has it. None: it is on the PATH. */
  readonly package?: string;
  /** It takes one file at a time. */
  readonly oneByOne?: boolean;
  /** Names of files that hold its settings. */
  readonly settings?: readonly string[];
}

export type FormatterUse = FormatterName | ToolSpec;
export type LinterUse = LinterName | ToolSpec;

/** A home of home-manager. */
export interface HomeSpec extends EvaluationSpec {
  /** `'homeConfigurations."me@crown"'`: a home configuration of the existing flake; then there is no module. */
  readonly from?: string;
  /**
   * `"local"`, or an SSH destination such as `"me@laptop.lan"`, whose user it must be. None: a home named `USER@HOST` is on the machine HOST, any other on
   * this one.
   */
  readonly target?: string;
  /** Whose home it is. Default: the part of its name before the `@`. */
  readonly user?: string;
  readonly tags?: readonly string[];
}

export interface ContainerSpec extends EvaluationSpec {
  readonly tags?: readonly string[];
  /**
   * An image that floe does not build: `"images:debian/12"`, the alias of an image that the server has, or where to get it. Then there
   * is no module.
   */
  readonly image?: string | ForeignImageSpec;
  /**
   * The two parts of its image in the existing flake: `{ rootfs: "packages.x86_64-linux.web", metadata: "packages.x86_64-linux.webMetadata" }`. Then there
   * is no module.
   */
  readonly from?: { readonly rootfs: string; readonly metadata: string };
  /** Of all its instances; default `"container"`. Virtual machines need an `image`. */
  readonly type?: "container" | "virtual-machine";
  readonly rollout?: RolloutSpec;
  readonly instances?: Readonly<Record<string, InstanceSpec>>;
}

/** Exactly one of `alias` and `fingerprint`. */
export interface ForeignImageSpec {
  readonly alias?: string;
  readonly fingerprint?: string;
  /** The URL of the server that it is copied from; none given: the instance's own server has it. */
  readonly server?: string;
  /** Default `"simplestreams"`. */
  readonly protocol?: "simplestreams" | "incus";
  /** The certificate of a server that signed its own, as Incus servers do: PEM text, or a file: `nix.path("./crown.crt")`. */
  readonly certificate?: unknown;
}

/** How the instances of one image, or the hosts, are updated. */
export interface RolloutSpec {
  /** The first one is changed alone, and the others only once it is healthy. */
  readonly canary?: boolean;
  /** How many change at the same time; default 1. */
  readonly parallel?: number;
}

/** Durations are numbers of milliseconds or strings such as `"500ms"`, `"90s"`, `"2m"`. */
export type Duration = number | string;

export type HealthSpec = {
  readonly within?: Duration;
  readonly interval?: Duration;
  /** Times in a row that it must pass; default 1. */
  readonly passes?: number;
} & (
  | {
      readonly http: string;
      readonly status?: number;
      readonly body?: string;
      /** Who asks: floe's machine, or the server of the instance. */
      readonly from?: "here" | "server";
    }
  | { readonly tcp: string; readonly from?: "here" | "server" }
  | { readonly exec: readonly string[] }
  /** systemd has started everything, and no unit fails that did not before. */
  | { readonly systemd: true | { readonly allowDegraded?: boolean } }
  /** The guest told Incus that it is ready. */
  | { readonly ready: true }
);

/** What Incus keeps as text. */
export type Scalar = string | number | boolean;

/** Limits by the rest of their key: `{ cpu: 2, memory: "2GiB", disk: { priority: 5 } }` is `limits.cpu`, `limits.memory`, `limits.disk.priority`. */
export interface LimitsSpec {
  readonly [name: string]: Scalar | LimitsSpec | undefined;
}

export interface InstanceSpec {
  readonly server?: string;
  readonly project?: string;
  /** A member of the cluster, or `@group`. */
  readonly member?: string;
  readonly type?: "container" | "virtual-machine";
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly autostart?: boolean;
  /** How the server boots and shuts down with it. */
  readonly boot?: { readonly priority?: number; readonly delay?: Duration; readonly shutdownTimeout?: Duration };
  readonly profiles?: readonly string[];
  readonly network?: {
    readonly bridge?: string;
    readonly network?: string;
    readonly address?: string;
    readonly gateway?: string;
    readonly mac?: string;
  };
  /** The root disk, in place of the profiles': Incus replaces it only whole, so its pool has to be said. */
  readonly root?: { readonly pool: string; readonly size?: string };
  readonly mounts?: Readonly<
    Record<string, string | { readonly source: string; readonly shift?: boolean; readonly readonly?: boolean }>
  >;
  /** `shared: true`, said by each, lets several instances write to one volume. `size` and `config` are for one that floe makes. */
  readonly volumes?: Readonly<
    Record<
      string,
      | string
      | {
          readonly pool?: string;
          readonly name: string;
          readonly existing?: boolean;
          readonly shared?: boolean;
          readonly size?: string;
          readonly config?: Readonly<Record<string, Scalar>>;
        }
    >
  >;
  /** Files of the server, seen inside read-only: path inside to path on the server. floe never reads them. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Variables of what runs inside. Whoever may read the instance's config can read them: secrets belong in `secrets`. */
  readonly environment?: Readonly<Record<string, Scalar>>;
  /** Port on the server (or `ADDRESS:PORT`, with `/udp`) to port in the container. A bare port listens on 127.0.0.1. */
  readonly ports?: Readonly<Record<string | number, string | number>>;
  readonly gpu?: { readonly vendor?: string; readonly product?: string; readonly pci?: string };
  /** USB devices by vendor and product (four hex digits each) or serial number. */
  readonly usb?: readonly {
    readonly vendor?: string;
    readonly product?: string;
    readonly serial?: string;
    readonly required?: boolean;
  }[];
  /** Character devices: path inside to path on the server. */
  readonly charDevices?: Readonly<
    Record<
      string,
      string | { readonly source?: string; readonly uid?: number; readonly gid?: number; readonly mode?: string }
    >
  >;
  readonly limits?: LimitsSpec;
  /** A schedule as cron writes it, or `@daily` and its like. */
  readonly snapshots?: string | { readonly schedule: string; readonly expiry?: string; readonly pattern?: string };
  readonly config?: Readonly<Record<string, Scalar>>;
  readonly devices?: Readonly<Record<string, Readonly<Record<string, Scalar>>>>;
  /** Each document as text, as an object, or as a file: `nix.path("./seed.yaml")`. */
  readonly cloudInit?: {
    /** Config keys of Incus, or files in the folder that NoCloud reads. Default `"config"`. */
    readonly channel?: "config" | "nocloud";
    /** With `"nocloud"`: a folder on the server that holds the files. */
    readonly folder?: string;
    readonly userData?: unknown;
    readonly vendorData?: unknown;
    readonly networkConfig?: unknown;
  };
  /** Instances of the fleet that must be up before this one is changed. */
  readonly dependsOn?: readonly string[];
  readonly health?: readonly HealthSpec[];
  readonly update?: "swap" | "swap-warm" | "rebuild" | "in-place";
  readonly keep?: number;
}

/** An Incus profile, in Incus' own terms. */
export interface ProfileSpec {
  readonly description?: string;
  readonly config?: Readonly<Record<string, Scalar>>;
  readonly devices?: Readonly<Record<string, Readonly<Record<string, Scalar>>>>;
}

export interface FleetDefinition extends Definition<"fleet"> {
  readonly spec: FleetSpec;
}
export interface HostDefinition extends Definition<"host"> {
  readonly spec: HostSpec;
  /** Absent with `from`. */
  readonly body?: ModuleBody;
}
export interface ContainerDefinition extends Definition<"container"> {
  readonly spec: ContainerSpec;
  /** Absent with `from`, or with an image that floe does not build. */
  readonly body?: ModuleBody;
}
export interface ProfileDefinition extends Definition<"profile"> {
  readonly spec: ProfileSpec;
}
export interface HomeDefinition extends Definition<"home"> {
  readonly spec: HomeSpec;
  /** Absent with `from`. */
  readonly body?: ModuleBody;
}
export interface ModuleDefinition extends Definition<"module"> {
  /** For a file that exports several modules. */
  readonly name?: string;
  /** Where its own options stand: `my.web`. `cfg` in the body is `config.my.web`. */
  readonly optionPath?: readonly string[];
  readonly body: ModuleBody;
}
/** The argument of `mkShell`. */
export interface ShellSpec extends NixSet {
  readonly packages?: V<readonly V<NixPackage>[]>;
  /** Packages and shells whose own inputs are taken over. */
  readonly inputsFrom?: V<readonly V<NixPackage>[]>;
  readonly env?: NixSet;
  /** Runs when the shell is entered. */
  readonly shellHook?: V<string>;
}
/** Dev shells by name: the argument of `mkShell`, or a whole derivation. */
export type ShellsBody = (args: SystemArguments) => Readonly<Record<string, ShellSpec | Nix<unknown>>>;
export interface ShellsDefinition extends Definition<"shells"> {
  readonly body: ShellsBody;
}
/** One dev shell: that of the existing flake, or the argument of `mkShell`. */
export interface ShellDefinition extends Definition<"shell"> {
  readonly spec: { readonly from: string } | ShellBody;
}
export type ShellBody = (args: SystemArguments) => ShellSpec | Nix<unknown>;
export type AnyDefinition =
  | FleetDefinition
  | HostDefinition
  | ContainerDefinition
  | HomeDefinition
  | ModuleDefinition
  | ProfileDefinition
  | ShellDefinition
  | ShellsDefinition;

/** What a value from the user's files is, if a users' function made it: `fleet`, `host`, `container`, `home`, `module`, `profile`, `shell`, `shells`. */
export function recogniseDefinition(value: unknown): AnyDefinition | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const kind = (value as { readonly [definition]?: unknown })[definition];
  return typeof kind === "string" && kind !== "dir" && kind !== "option" ? (value as AnyDefinition) : undefined;
}

/** True for what `dir("./hosts")` returns. */
export function isDirReference(value: unknown): value is DirReference {
  return (
    typeof value === "object" && value !== null && (value as { readonly [definition]?: unknown })[definition] === "dir"
  );
}
