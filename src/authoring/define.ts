/** The users' functions that say what there is. Each notes where it was called. */
import {
  type BodyOf,
  type CallSite,
  type ContainerDefinition,
  type ContainerSpec,
  type DirReference,
  definition,
  type FleetDefinition,
  type FleetSpec,
  type HostDefinition,
  type HostSpec,
  type ModuleBody,
  type ModuleDefinition,
  type ShellsBody,
  type ShellsDefinition,
} from "./definitions.ts";
import { captureOrigin, originSite } from "./origin.ts";

/** Everything this project describes; the default export of `floe.config.ts`. */
export function fleet(spec: FleetSpec): FleetDefinition {
  return { [definition]: "fleet", source: sourceOf(fleet), spec };
}

/** A folder, relative to the file that names it: one definition a file, named after the file. */
export function dir(path: string): DirReference {
  return { [definition]: "dir", path };
}

/** A NixOS machine; the default export of `hosts/NAME.ts`. */
export function host<Returned>(body: BodyOf<Returned>): HostDefinition;
export function host<Returned>(spec: HostSpec, body: BodyOf<Returned>): HostDefinition;
export function host(first: HostSpec | ModuleBody, second?: ModuleBody): HostDefinition {
  const [spec, body] = specAndBody<HostSpec>(first, second);
  return { [definition]: "host", source: sourceOf(host), spec, body };
}

/** A container image and the instances that run it; the default export of `containers/NAME.ts`. */
export function container<Returned>(body: BodyOf<Returned>): ContainerDefinition;
export function container<Returned>(spec: ContainerSpec, body: BodyOf<Returned>): ContainerDefinition;
export function container(first: ContainerSpec | ModuleBody, second?: ModuleBody): ContainerDefinition {
  const [spec, body] = specAndBody<ContainerSpec>(first, second);
  return { [definition]: "container", source: sourceOf(container), spec, body };
}

/** A NixOS module for the `imports` of hosts, containers and other modules. A file with several gives each a name. */
export function module<Returned>(body: BodyOf<Returned>): ModuleDefinition;
export function module<Returned>(name: string, body: BodyOf<Returned>): ModuleDefinition;
export function module(first: string | ModuleBody, second?: ModuleBody): ModuleDefinition {
  const source = sourceOf(module);
  if (typeof first === "string") return { [definition]: "module", source, name: first, body: second ?? {} };
  return { [definition]: "module", source, body: first };
}

/** Dev shells by name, each the argument of `mkShell`; the default export of `devshells.ts`. */
export function shells(body: ShellsBody): ShellsDefinition {
  return { [definition]: "shells", source: sourceOf(shells), body };
}

// --- internal ---

function specAndBody<Spec>(first: Spec | ModuleBody, second: ModuleBody | undefined): [Spec, ModuleBody] {
  return second === undefined ? [{} as Spec, first as ModuleBody] : [first as Spec, second];
}

function sourceOf(callee: (...args: never[]) => unknown): CallSite {
  return originSite(captureOrigin(callee)) ?? { file: "", line: 0, column: 0 };
}
