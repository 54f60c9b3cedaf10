/** The users' functions that say what there is. Each notes where it was called. */
import {
  type BodyOf,
  type CallSite,
  type ContainerBodyOf,
  type ContainerDefinition,
  type ContainerSpec,
  type DirReference,
  definition,
  type FleetDefinition,
  type FleetSpec,
  type HomeBodyOf,
  type HomeDefinition,
  type HomeSpec,
  type HostBodyOf,
  type HostDefinition,
  type HostSpec,
  type LoneHomeBodyOf,
  type ModuleArguments,
  type ModuleBody,
  type ModuleDefinition,
  type ModuleOf,
  type NoFunction,
  type ProfileDefinition,
  type ProfileSpec,
  type ShellBody,
  type ShellDefinition,
  type ShellsBody,
  type ShellsDefinition,
} from "./definitions.ts";
import type { NixSet, NixValue } from "./expr.ts";
import type { OptionTree } from "./options.ts";
import { captureOrigin, originSite } from "./origin.ts";
import { problem } from "./problem.ts";
import { registry } from "./registry.ts";

/** Everything this project describes; the default export of `floe.config.ts`. */
export function fleet(spec: FleetSpec): FleetDefinition {
  return { [definition]: "fleet", source: sourceOf(fleet), spec };
}

/** A folder, relative to the file that names it: one definition a file, named after the file. */
export function dir(path: string): DirReference {
  return { [definition]: "dir", path };
}

/**
 * A NixOS machine; the default export of `hosts/NAME.ts`. Without a module for one that an existing flake has:
 * `host({ from: "nixosConfigurations.crown" })`.
 */
export function host<Returned = NoFunction>(body: HostBodyOf<Returned>): HostDefinition;
export function host<Returned = NoFunction>(spec: HostSpec, body: BodyOf<Returned>): HostDefinition;
export function host(first: HostSpec | ModuleBody, second?: ModuleBody): HostDefinition {
  if (second === undefined && isTakenOver(first)) return { [definition]: "host", source: sourceOf(host), spec: first };
  const [spec, body] = specAndBody<HostSpec>(first, second);
  return { [definition]: "host", source: sourceOf(host), spec, body };
}

/**
 * A container image and the instances that run it; the default export of `containers/NAME.ts`. Without a module for an image that floe
 * does not build: `container({ image: "images:debian/12", instances: { ... } })`, and for one of an existing flake: `container({ from: { rootfs, metadata } })`.
 */
export function container<Returned = NoFunction>(body: ContainerBodyOf<Returned>): ContainerDefinition;
export function container<Returned = NoFunction>(spec: ContainerSpec, body: BodyOf<Returned>): ContainerDefinition;
export function container(first: ContainerSpec | ModuleBody, second?: ModuleBody): ContainerDefinition {
  if (second === undefined && (isForeign(first) || isTakenOver<ContainerSpec>(first)))
    return { [definition]: "container", source: sourceOf(container), spec: first };
  const [spec, body] = specAndBody<ContainerSpec>(first, second);
  return { [definition]: "container", source: sourceOf(container), spec, body };
}

/**
 * A home of home-manager without a NixOS host; the default export of `homes/NAME.ts`, where the name may be `USER@HOST`. Without a module for
 * one that an existing flake has: `home({ from: 'homeConfigurations."me@crown"' })`.
 */
export function home<Returned = NoFunction>(body: LoneHomeBodyOf<Returned>): HomeDefinition;
export function home<Returned = NoFunction>(spec: HomeSpec, body: HomeBodyOf<Returned>): HomeDefinition;
export function home(first: unknown, second?: unknown): HomeDefinition {
  if (second === undefined && isTakenOver(first as HomeSpec))
    return { [definition]: "home", source: sourceOf(home), spec: first as HomeSpec };
  const [spec, body] = specAndBody<HomeSpec>(first as HomeSpec, second as ModuleBody | undefined);
  return { [definition]: "home", source: sourceOf(home), spec, body };
}

/**
 * A NixOS module for the `imports` of hosts, containers and other modules. With options of its own it is declared under their path,
 * `module("my.web", { options, config })`, or with the whole tree, `module({ options, config })`; `cfg` then is what they are set to.
 * A file with several modules gives each a name.
 */
export function module<const Options extends OptionTree, Returned = NoFunction, Configured = NoFunction>(
  given: ModuleOf<Options, Returned, Configured>,
): ModuleDefinition;
export function module<const Options extends OptionTree, Returned = NoFunction, Configured = NoFunction>(
  path: string,
  given: ModuleOf<Options, Returned, Configured>,
): ModuleDefinition;
export function module(first: unknown, second?: unknown): ModuleDefinition {
  const source = sourceOf(module);
  noteModule(source);
  const [name, given] = typeof first === "string" ? [first, second ?? {}] : [undefined, first];
  if (isDeclaration(given)) {
    const optionPath = name === undefined ? [] : name.split(".");
    if (optionPath.includes(""))
      throw problem(
        `Cannot declare options at "${name}"`,
        captureOrigin(module),
        'Give the path of the options, such as module("my.web", { options: { ... } })',
      );
    return { [definition]: "module", source, optionPath, body: declaredBody(given, optionPath) };
  }
  const body = given as ModuleBody;
  return name === undefined ? { [definition]: "module", source, body } : { [definition]: "module", source, name, body };
}

/** An Incus profile that the fleet owns; the default export of `profiles/NAME.ts`. */
export function profile(spec: ProfileSpec): ProfileDefinition {
  return { [definition]: "profile", source: sourceOf(profile), spec };
}

/** Dev shells by name, each the argument of `mkShell`; the default export of `devshells.ts`. */
export function shells(body: ShellsBody): ShellsDefinition {
  return { [definition]: "shells", source: sourceOf(shells), body };
}

/** A dev shell by itself, under its name in `shells`: `shell({ from: "aws" })` of an existing flake, or `shell(({ pkgs }) => ({ packages: [pkgs.jq] }))`. */
export function shell(spec: { readonly from: string } | ShellBody): ShellDefinition {
  return { [definition]: "shell", source: sourceOf(shell), spec };
}

// --- internal ---

function specAndBody<Spec>(first: Spec | ModuleBody, second: ModuleBody | undefined): [Spec, ModuleBody] {
  return second === undefined ? [{} as Spec, first as ModuleBody] : [first as Spec, second];
}

/** What a container of another image says: a module can have the option `image` too, but no instances beside it. */
function isForeign(value: ContainerSpec | ModuleBody): value is ContainerSpec {
  return typeof value === "object" && "image" in value && (typeof value.image === "string" || "instances" in value);
}

/** What is said of something that an existing flake has: no module has an option of this name, which floe gives a path of Nix attributes. */
function isTakenOver<Spec extends object>(value: Spec | ModuleBody): value is Spec {
  return typeof value === "object" && "from" in value && value.from !== undefined;
}

/** A `ModuleDeclaration`, whatever its types. */
interface AnyDeclaration {
  readonly imports?: unknown;
  readonly options: unknown;
  readonly config?: unknown;
}

function isDeclaration(value: unknown): value is AnyDeclaration {
  return typeof value === "object" && value !== null && "options" in value && value.options !== undefined;
}

/** The declaration as the body of a plain module, its options under their path. */
function declaredBody({ imports, options, config, ...rest }: AnyDeclaration, path: readonly string[]): ModuleBody {
  return (args: ModuleArguments): NixSet => {
    const tree: unknown = typeof options === "function" ? options(args) : options;
    return {
      imports: (typeof imports === "function" ? imports(args) : imports) as NixValue,
      ...(rest as NixSet),
      options: path.reduceRight((inner, key) => ({ [key]: inner }), tree) as NixSet,
      config: (typeof config === "function" ? config(args) : config) as NixValue,
    };
  };
}

/** How many modules a file has decides how their files are named. */
function noteModule({ file, line, column }: CallSite): void {
  const { modules } = registry();
  const known = modules.get(file) ?? new Set();
  modules.set(file, known.add(`${line}:${column}`));
}

function sourceOf(callee: (...args: never[]) => unknown): CallSite {
  return originSite(captureOrigin(callee)) ?? { file: "", line: 0, column: 0 };
}
