/**
 * What the users' functions (`fleet`, `host`, `container`, `module`, `shells`) return: data that `config/` reads. They are
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

/** The arguments of a module function: recorded references, not values. Loosely typed until `floe types` has run. */
export interface ModuleArguments {
  // biome-ignore lint/suspicious/noExplicitAny: without generated types a reference may be anything
  readonly config: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly lib: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly pkgs: any;
  // biome-ignore lint/suspicious/noExplicitAny: specialArgs, `inputs`, `options`, `modulesPath`, ...
  readonly [name: string]: any;
}

/** A module's body: a function of the module arguments, or the attribute set itself. */
export type ModuleBody = ((args: ModuleArguments) => Readonly<Record<string, unknown>>) | Readonly<Record<string, unknown>>;

export interface DirReference {
  readonly [definition]: "dir";
  readonly path: string;
}

export interface FleetSpec {
  /** Default: the name of the project's folder. */
  readonly name?: string;
  readonly description?: string;
  readonly inputs: Readonly<Record<string, string | DirReference | { readonly url: string; readonly follows?: Readonly<Record<string, string>>; readonly flake?: boolean }>>;
  readonly user?: { readonly name: string; readonly home?: string };
  /** Incus servers by name; none given: `{ local: {} }`, this machine's socket. */
  readonly incus?: Readonly<Record<string, { readonly url?: string; readonly socket?: string }>>;
  readonly hosts?: DirReference | Readonly<Record<string, HostDefinition>>;
  readonly containers?: DirReference | Readonly<Record<string, ContainerDefinition>>;
  readonly shells?: string | ShellsDefinition;
}

export interface HostSpec {
  readonly system?: string;
  readonly target?: string;
  readonly tags?: readonly string[];
  readonly health?: readonly HealthSpec[];
}

export interface ContainerSpec {
  readonly system?: string;
  readonly tags?: readonly string[];
  readonly instances?: Readonly<Record<string, InstanceSpec>>;
}

/** Durations are numbers of milliseconds or strings such as `"500ms"`, `"90s"`, `"2m"`. */
export type Duration = number | string;

export type HealthSpec = { readonly within?: Duration; readonly interval?: Duration } & (
  | { readonly http: string; readonly status?: number; readonly body?: string }
  | { readonly tcp: string }
  | { readonly exec: readonly string[] }
);

export interface InstanceSpec {
  readonly server?: string;
  readonly project?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly autostart?: boolean;
  readonly profiles?: readonly string[];
  readonly network?: { readonly bridge?: string; readonly network?: string; readonly address?: string; readonly gateway?: string; readonly mac?: string };
  readonly mounts?: Readonly<Record<string, string | { readonly source: string; readonly shift?: boolean; readonly readonly?: boolean }>>;
  readonly volumes?: Readonly<Record<string, string | { readonly pool?: string; readonly name: string; readonly existing?: boolean }>>;
  /** Port on the server (or `ADDRESS:PORT`, with `/udp`) to port in the container. A bare port listens on 127.0.0.1. */
  readonly ports?: Readonly<Record<string | number, string | number>>;
  readonly gpu?: { readonly vendor?: string; readonly product?: string; readonly pci?: string };
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  readonly devices?: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;
  readonly cloudInit?: { readonly userData?: unknown; readonly vendorData?: unknown; readonly networkConfig?: unknown };
  readonly health?: readonly HealthSpec[];
  readonly update?: "swap";
  readonly keep?: number;
}

export interface FleetDefinition extends Definition<"fleet"> {
  readonly spec: FleetSpec;
}
export interface HostDefinition extends Definition<"host"> {
  readonly spec: HostSpec;
  readonly body: ModuleBody;
}
export interface ContainerDefinition extends Definition<"container"> {
  readonly spec: ContainerSpec;
  readonly body: ModuleBody;
}
export interface ModuleDefinition extends Definition<"module"> {
  /** For a file that exports several modules. */
  readonly name?: string;
  readonly body: ModuleBody;
}
/** Dev shells: by name, the argument of `mkShell`. */
export interface ShellsDefinition extends Definition<"shells"> {
  readonly body: (args: { readonly pkgs: ModuleArguments["pkgs"]; readonly lib: ModuleArguments["lib"] }) => Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
export type AnyDefinition = FleetDefinition | HostDefinition | ContainerDefinition | ModuleDefinition | ShellsDefinition;
