import { relative } from "node:path";
import type {
  CallSite,
  ContainerDefinition,
  FleetDefinition,
  HomeDefinition,
  HostDefinition,
  ShellsDefinition,
} from "../authoring/definitions.ts";
import type { SourcePosition } from "../errors.ts";
import type { Container, FlakeOutputs, Fleet, Home, Host, PackageSet, Profile, Shell } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { defined } from "../util/defined.ts";
import { checkWhole, type NamedField } from "./checks.ts";
import type { Named } from "./collect.ts";
import { readContainer } from "./container.ts";
import type { ReadText } from "./document.ts";
import { Field } from "./field.ts";
import type { ReadFleet } from "./fleet-spec.ts";
import { readHome } from "./home.ts";
import { readHost } from "./host.ts";
import { checkHostDependencies } from "./host-dependencies.ts";
import type { ReadInstance } from "./instance.ts";
import { openRecorder, type Recorder } from "./modules.ts";
import { type Problems, placeIn } from "./problems.ts";
import { readProfile } from "./profile.ts";

/** The definitions of a project, found and named but not yet read. */
export interface Definitions {
  readonly root: string;
  readonly configFile: string;
  readonly definition: FleetDefinition;
  readonly spec: ReadFleet;
  readonly hosts: readonly Named<"host">[];
  readonly containers: readonly Named<"container">[];
  readonly homes: readonly Named<"home">[];
  readonly profiles: readonly Named<"profile">[];
  readonly shells: ShellsDefinition | undefined;
}

interface Reading {
  readonly root: string;
  readonly servers: readonly string[];
  readonly readText: ReadText;
  readonly problems: Problems;
  readonly recorder: Recorder;
  /** What the fleet says for every machine. */
  readonly packages: PackageSet | undefined;
  readonly specialArgs: NixExpr | undefined;
}

/** A host or container with what the checks across the fleet look at. */
interface Made<T> {
  readonly system: NamedField;
  readonly instances: readonly ReadInstance[];
  /** floe does not build its image. */
  readonly isForeign?: boolean;
  /** Undefined when its module could not be recorded. */
  readonly value: T | undefined;
}

/** The model of a project. What is wrong is reported; the result is of use only when nothing was. */
export function toFleet(found: Definitions, problems: Problems, readText: ReadText): Fleet {
  const { root, configFile, spec, definition, shells } = found;
  const recorder = openRecorder(root, problems);
  const reading: Reading = {
    root,
    servers: Object.keys(spec.servers),
    readText,
    problems,
    recorder,
    packages: recorder.recordPackageSet(definition.spec.nixpkgs, { source: definition.source, path: ["nixpkgs"] }),
    specialArgs: recorder.recordValue(definition.spec.specialArgs, {
      source: definition.source,
      path: ["specialArgs"],
    }),
  };
  const hosts = found.hosts.map((named) => toHost(named, reading));
  const containers = found.containers.map((named) => toContainer(named, reading));
  const homes = found.homes.map((named) => toHome(named, reading));
  const profiles = found.profiles.map((named) => toProfile(named, reading));
  const outputs = toOutputs(definition, recorder);
  const clock = spec.nightly?.host;
  if (clock !== undefined && !found.hosts.some(({ name }) => name === clock))
    spec.field
      .child("nightly", undefined)
      .child("host", clock)
      .fail(
        `names a host that is not there: "${clock}"`,
        `Hosts: ${found.hosts.map(({ name }) => name).join(", ") || "none"}`,
      );
  checkHostDependencies(hosts);
  checkWhole({
    fleet: spec.field,
    inputs: spec.inputs,
    systems: [...hosts, ...containers].map(({ system }) => system),
    needsNixpkgs: hosts.length > 0 || containers.some(({ isForeign }) => isForeign !== true),
    homes: homes.map(({ system }) => system),
    instances: containers.flatMap(({ instances }) => instances),
    hasPackages: shells !== undefined || Object.keys(outputs).length > 0,
  });
  return defined({
    name: spec.name,
    description: spec.description,
    root,
    configFile,
    inputs: spec.inputs,
    servers: spec.servers,
    hosts: byName(hosts),
    containers: byName(containers),
    nightly: spec.nightly,
    tooling: spec.tooling,
    rollout: spec.rollout,
    builders: spec.builders.length === 0 ? undefined : spec.builders,
    pushTo: spec.pushTo.length === 0 ? undefined : spec.pushTo,
    profiles: profiles.length === 0 ? undefined : Object.fromEntries(profiles.map((one) => [one.name, one])),
    homes: byName(homes),
    shells: shells === undefined ? {} : toShells(shells, reading),
    packages: reading.packages,
    systems: spec.systems.length === 0 ? undefined : spec.systems,
    outputs,
    modules: recorder.imported(),
  });
}

function toOutputs({ spec, source }: FleetDefinition, recorder: Recorder): FlakeOutputs {
  const place = (name: string) => ({ source, path: [name] });
  return defined({
    packages: recorder.recordSystemValue(spec.packages, place("packages")),
    checks: recorder.recordSystemValue(spec.checks, place("checks")),
    formatter: recorder.recordSystemValue(spec.formatter, place("formatter")),
    overlays: recorder.recordValue(spec.overlays, place("overlays")),
    nixosModules: recorder.recordValue(spec.nixosModules, place("nixosModules")),
  });
}

/** The package set and the special arguments of a machine: the fleet's, and what it says itself. */
function toEvaluated(
  kind: string,
  name: string,
  { spec, source }: HostDefinition | ContainerDefinition | HomeDefinition,
  { recorder, packages, specialArgs }: Reading,
): Partial<Pick<Host, "packages" | "specialArgs">> {
  const path = [`${kind}s`, name];
  const own = recorder.recordPackageSet(spec.nixpkgs, { source, path: [...path, "nixpkgs"] });
  const ownArgs = recorder.recordValue(spec.specialArgs, { source, path: [...path, "specialArgs"] });
  const args = [specialArgs, ownArgs].filter((tree) => tree !== undefined);
  return defined({
    packages: joinPackageSets(packages, own),
    specialArgs: args.length === 0 ? undefined : args,
  });
}

/** The config of both, the machine's own winning name by name; first the overlays of the fleet, then its own. */
function joinPackageSets(fleet: PackageSet | undefined, own: PackageSet | undefined): PackageSet | undefined {
  if (fleet === undefined || own === undefined) return own ?? fleet;
  const config = joinConfig(fleet.config, own.config);
  return defined({ config, overlays: [...fleet.overlays, ...own.overlays] });
}

function joinConfig(fleet: NixExpr | undefined, own: NixExpr | undefined): NixExpr | undefined {
  if (fleet === undefined || own === undefined) return own ?? fleet;
  if (fleet.kind !== "attrs" || own.kind !== "attrs")
    return { kind: "binary", operator: "//", left: fleet, right: own };
  const names = new Set(own.entries.map((entry) => (entry.kind === "binding" ? JSON.stringify(entry.keys) : "")));
  const kept = fleet.entries.filter((entry) => entry.kind !== "binding" || !names.has(JSON.stringify(entry.keys)));
  return { ...own, entries: [...kept, ...own.entries] };
}

function toHost({ name, definition }: Named<"host">, reading: Reading): Made<Host> {
  const { root, servers, problems, recorder } = reading;
  const field = Field.root(problems, placeIn(definition.source), ["hosts", name], `host "${name}"`, definition.spec);
  const spec = readHost(field, servers);
  const module = recorder.record(definition, `nix/hosts/${name}.nix`);
  const evaluated = toEvaluated("host", name, definition, reading);
  const value = module && defined({ name, source: position(definition.source, root), ...spec, ...evaluated, module });
  return { system: { kind: "host", name, field }, instances: [], value };
}

function toHome({ name, definition }: Named<"home">, reading: Reading): Made<Home> {
  const { root, problems, recorder } = reading;
  const field = Field.root(problems, placeIn(definition.source), ["homes", name], `home "${name}"`, definition.spec);
  const spec = readHome(field, name);
  const module = recorder.record(definition, `nix/homes/${name.replace("@", "-")}.nix`);
  const evaluated = toEvaluated("home", name, definition, reading);
  const value = module && defined({ name, source: position(definition.source, root), ...spec, ...evaluated, module });
  return { system: { kind: "home", name, field }, instances: [], value };
}

function toContainer({ name, definition }: Named<"container">, reading: Reading): Made<Container> {
  const { root, problems, recorder } = reading;
  const label = `container "${name}"`;
  const field = Field.root(problems, placeIn(definition.source), ["containers", name], label, definition.spec);
  const { instances, ...spec } = readContainer(field, name, reading);
  const isForeign = definition.body === undefined;
  checkBody(definition, field, name);
  const source = position(definition.source, root);
  const module = isForeign ? noModule(source) : recorder.record(definition, `nix/containers/${name}.nix`);
  const models = Object.fromEntries(instances.map(({ instance }) => [instance.name, instance]));
  const evaluated = isForeign ? {} : toEvaluated("container", name, definition, reading);
  const value = module && { name, source, ...spec, ...evaluated, module, instances: models };
  return { system: { kind: "container", name, field }, instances, value, isForeign };
}

/** What stands for the module of an image that floe does not build. */
function noModule(source: SourcePosition): NixModule {
  return { source, file: "", expr: { kind: "attrs", entries: [] } };
}

/** Either a module or an image. `container({ instances })` alone takes the instances for the module; no NixOS option has that name. */
function checkBody({ body, spec }: ContainerDefinition, field: Field, name: string): void {
  if (body === undefined) {
    for (const key of ["system", "nixpkgs", "specialArgs"] as const)
      if (spec[key] !== undefined)
        field.child(key, undefined).report(`Key "${key}" of ${field.label} is for images that floe builds`);
    return;
  }
  if (spec.image !== undefined)
    field
      .child("image", undefined)
      .report(
        `Container "${name}" has both a module and an image that floe does not build`,
        "Keep one of the two; what the image lacks can come through cloudInit",
      );
  if (typeof body === "function" || !("instances" in body)) return;
  field
    .child("instances", undefined)
    .report(
      `Container "${name}" has instances but no module`,
      "Give it as the second argument: container({ instances: { ... } }, ({ pkgs }) => ({ ... }))",
    );
}

function toProfile({ name, definition }: Named<"profile">, { root, problems }: Reading): Profile {
  const label = `profile "${name}"`;
  const field = Field.root(problems, placeIn(definition.source), ["profiles", name], label, definition.spec);
  return { name, source: position(definition.source, root), ...readProfile(field, name) };
}

function toShells(definition: ShellsDefinition, { root, recorder, problems }: Reading): Record<string, Shell> {
  const source = position(definition.source, root);
  const bodies = Object.entries(recorder.recordShells(definition));
  for (const [name] of bodies) {
    if (/^[A-Za-z_][\w.-]*$/.test(name)) continue;
    problems.report(
      placeIn(definition.source, [name]),
      ["shells", name],
      `Name "${name}" of a dev shell must be letters, digits and . _ - that begin with a letter`,
    );
  }
  return Object.fromEntries(bodies.map(([name, shell]) => [name, { name, source, ...shell }]));
}

function byName<T extends { readonly name: string }>(made: readonly Made<T>[]): Record<string, T> {
  return Object.fromEntries(made.flatMap(({ value }) => (value === undefined ? [] : [[value.name, value] as const])));
}

function position({ file, line, column }: CallSite, root: string): SourcePosition {
  return { file: relative(root, file), line, column };
}
