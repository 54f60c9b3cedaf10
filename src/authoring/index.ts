/** What users import from "floe" to describe a fleet. */

export { container, dir, fleet, host, module, shells } from "./define.ts";
export type {
  ContainerDefinition,
  ContainerSpec,
  DirReference,
  Duration,
  FleetDefinition,
  FleetSpec,
  HealthSpec,
  HostDefinition,
  HostSpec,
  InstanceSpec,
  ModuleArguments,
  ModuleBody,
  ModuleContent,
  ModuleDefinition,
  ShellsBody,
  ShellsDefinition,
} from "./definitions.ts";
export type { Expr, ExprArgument, NixFunction, NixSet, NixValue } from "./expr.ts";
export { nix } from "./nix.ts";
export { sh, text } from "./text.ts";
export type {
  ModuleParts,
  Nix,
  NixAny,
  NixLib,
  NixPackage,
  NixPath,
  Pkg,
  Ref,
  Sub,
  Typed,
  V,
} from "./typed.ts";
