/**
 * What `import … from "floe"` gives: the functions that describe a fleet, the errors, and the types of what floe works with.
 * Importing it is cheap; what acts on a fleet is in "floe/pipeline".
 */
export type {
  ContainerDefinition,
  ContainerSpec,
  DirReference,
  Duration,
  Expr,
  FlakeArguments,
  FlakeValue,
  FleetDefinition,
  FleetSpec,
  HealthSpec,
  HomeDefinition,
  HomeSpec,
  HostDefinition,
  HostSpec,
  InstanceSpec,
  ModuleArguments,
  ModuleBody,
  ModuleContent,
  ModuleDeclaration,
  ModuleDefinition,
  ModuleParts,
  Nix,
  NixAny,
  NixFunction,
  NixLib,
  NixPackage,
  NixPath,
  NixpkgsSpec,
  NixSet,
  NixValue,
  Option,
  OptionSpec,
  OptionTree,
  OptionValues,
  Overlay,
  Pkg,
  Ref,
  ShellSpec,
  ShellsDefinition,
  Sub,
  SubmoduleArguments,
  SubmoduleBody,
  SystemArguments,
  SystemOutput,
  Typed,
  TypeOf,
  V,
  Value,
} from "./authoring/index.ts";
export { container, dir, fleet, home, host, module, nix, opt, sh, shells, text } from "./authoring/index.ts";
// As a whole: `declare module "floe"` adds to interfaces that are exported in this way, and not to ones exported by name.
export type * from "./authoring/nix-types.ts";
export {
  ApplyError,
  CancelledError,
  ConfigError,
  ExecError,
  FloeError,
  IncusError,
  LockedError,
  MissingError,
  NixError,
  PlanStaleError,
  RollbackError,
  StateError,
  SynthError,
  UsageError,
} from "./errors.ts";
export type { Derivation, Evaluated, Evaluation, EvaluationError, ImageDerivations } from "./model/evaluation.ts";
export type { Container, Fleet, HealthCheck, Host, Instance, Server, Shell } from "./model/fleet.ts";
export type {
  Change,
  ChangeAction,
  ChangeMethod,
  Difference,
  ImageChange,
  InstanceChange,
  Plan,
  Problem,
  VolumeChange,
} from "./model/plan.ts";
export type { Emit, FloeEvent, Phase } from "./report/events.ts";
export { version } from "./version.ts";
