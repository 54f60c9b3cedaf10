/** What users import from "floe" to describe a fleet. */

export { container, dir, fleet, home, host, module, profile, shell, shells } from "./define.ts";
export type {
  BuilderSpec,
  ContainerDefinition,
  ContainerSpec,
  DirReference,
  Duration,
  FlakeArguments,
  FlakeValue,
  FleetDefinition,
  FleetSpec,
  ForeignImageSpec,
  FormatterName,
  FormatterUse,
  HealthSpec,
  HomeDefinition,
  HomeSpec,
  HostDefinition,
  HostSpec,
  InstanceSpec,
  LimitsSpec,
  LinterName,
  LinterUse,
  ModuleArguments,
  ModuleBody,
  ModuleContent,
  ModuleDeclaration,
  ModuleDefinition,
  NixpkgsSpec,
  Overlay,
  ProfileDefinition,
  ProfileSpec,
  PushCacheSpec,
  RolloutSpec,
  Scalar,
  ShellBody,
  ShellDefinition,
  ShellSpec,
  ShellsBody,
  ShellsDefinition,
  SystemArguments,
  SystemOutput,
  ToolSpec,
} from "./definitions.ts";
export type { Expr, ExprArgument, NixFunction, NixSet, NixValue } from "./expr.ts";
export { nix } from "./nix.ts";
export { opt, type SubmoduleArguments, type SubmoduleBody } from "./opt.ts";
export type { Option, OptionSpec, OptionTree, OptionValues, TypeOf, Value } from "./options.ts";
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
