import { relative } from "node:path";
import {
  type CallSite,
  type ContainerDefinition,
  definition,
  type FleetDefinition,
  type HomeDefinition,
  type HostDefinition,
  type ShellsDefinition,
} from "../authoring/definitions.ts";
import type { SourcePosition } from "../errors.ts";
import type { Container, FlakeOutputs, Fleet, Home, Host, PackageSet, Profile, Shell } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import { fleetFile } from "../model/taken-over.ts";
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
import { isShellName, shellNameRule } from "./names.ts";
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
  readonly shells: ShellsDefinition | readonly Named<"shell">[] | undefined;
}

interface Reading {
  readonly root: string;
  /** There is a flake that floe did not write. */
  readonly hasFlake: boolean;
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
  const reading = openReading(found, problems, readText);
  const { recorder } = reading;
  const hosts = found.hosts.map((named) => toHost(named, reading));
  const containers = found.containers.map((named) => toContainer(named, reading));
  const homes = found.homes.map((named) => toHome(named, reading));
  const profiles = found.profiles.map((named) => toProfile(named, reading));
  const made = shells === undefined ? {} : toShells(shells, reading);
  const outputs = toOutputs(definition, recorder);
  checkServices(spec, hosts);
  checkHostDependencies(hosts);
  const isOwn = ({ value }: Made<{ readonly from?: unknown }>): boolean => value?.from === undefined;
  checkWhole({
    fleet: spec.field,
    flake: spec.flake ?? configFile,
    inputs: spec.inputs,
    systems: [...hosts, ...containers].map(({ system }) => system),
    needsNixpkgs: hosts.some(isOwn) || containers.some((made) => isOwn(made) && made.isForeign !== true),
    homes: homes.filter(isOwn).map(({ system }) => system),
    instances: containers.flatMap(({ instances }) => instances),
    hasPackages: Object.values(made).some(({ from }) => from === undefined) || Object.keys(outputs).length > 0,
  });
  return defined({
    name: spec.name,
    description: spec.description,
    root,
    configFile,
    flake: spec.flake,
    inputs: spec.inputs ?? {},
    servers: spec.servers,
    hosts: byName(hosts),
    containers: byName(containers),
    nightly: spec.nightly,
    serve: spec.serve,
    tooling: spec.tooling,
    rollout: spec.rollout,
    builders: spec.builders.length === 0 ? undefined : spec.builders,
    pushTo: spec.pushTo.length === 0 ? undefined : spec.pushTo,
    profiles: profiles.length === 0 ? undefined : Object.fromEntries(profiles.map((one) => [one.name, one])),
    homes: byName(homes),
    shells: made,
    packages: reading.packages,
    systems: spec.systems.length === 0 ? undefined : spec.systems,
    outputs,
    modules: recorder.imported(),
  });
}

function openReading({ root, spec, definition }: Definitions, problems: Problems, readText: ReadText): Reading {
  const recorder = openRecorder(root, problems, spec.flake === undefined ? undefined : fleetFile);
  const { source } = definition;
  return {
    root,
    hasFlake: spec.flake !== undefined,
    servers: Object.keys(spec.servers),
    readText,
    problems,
    recorder,
    packages: recorder.recordPackageSet(definition.spec.nixpkgs, { source, path: ["nixpkgs"] }),
    specialArgs: recorder.recordValue(definition.spec.specialArgs, { source, path: ["specialArgs"] }),
  };
}

/** The host that runs the nightly apply gets a module for it, so it has to be one of the fleet's own. */
/** The hosts that run the nightly apply and the dashboard. */
function checkServices({ flake, nightly, serve, field }: ReadFleet, hosts: readonly Made<Host>[]): void {
  const verbs = { nightly: "nightly", serve: "serve-unit" };
  for (const [key, name] of Object.entries({ nightly: nightly?.host, serve: serve?.host })) {
    if (name === undefined) continue;
    const host = hosts.find(({ system }) => system.name === name);
    const place = field.child(key, undefined).child("host", name);
    if (host === undefined)
      place.fail(
        `names a host that is not there: "${name}"`,
        `Hosts: ${hosts.map(({ system }) => system.name).join(", ") || "none"}`,
      );
    else if (host.value?.from !== undefined)
      place.fail(
        `names a host of ${flake}, which floe does not write`,
        `Leave "host" out: \`floe ${verbs[key as keyof typeof verbs]}\` then prints the units, for any machine`,
      );
  }
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
  const { root, servers, problems } = reading;
  const field = Field.root(problems, placeIn(definition.source), ["hosts", name], `host "${name}"`, definition.spec);
  const spec = readHost(field, servers);
  const [module, evaluated] = withBody("host", name, definition, field, reading, `nix/hosts/${name}.nix`);
  const value = module && defined({ name, source: position(definition.source, root), ...spec, ...evaluated, module });
  return { system: { kind: "host", name, field }, instances: [], value };
}

function toHome({ name, definition }: Named<"home">, reading: Reading): Made<Home> {
  const { root, problems } = reading;
  const field = Field.root(problems, placeIn(definition.source), ["homes", name], `home "${name}"`, definition.spec);
  const spec = readHome(field, name);
  const file = `nix/homes/${name.replace("@", "-")}.nix`;
  const [module, evaluated] = withBody("home", name, definition, field, reading, file);
  const value = module && defined({ name, source: position(definition.source, root), ...spec, ...evaluated, module });
  return { system: { kind: "home", name, field }, instances: [], value };
}

function toContainer({ name, definition }: Named<"container">, reading: Reading): Made<Container> {
  const { root, problems } = reading;
  const label = `container "${name}"`;
  const field = Field.root(problems, placeIn(definition.source), ["containers", name], label, definition.spec);
  const { instances, ...spec } = readContainer(field, name, reading);
  const isForeign = definition.body === undefined && spec.from === undefined;
  checkImage(definition, field, name);
  const source = position(definition.source, root);
  const file = `nix/containers/${name}.nix`;
  const [module, evaluated] = withBody("container", name, definition, field, reading, file);
  const models = Object.fromEntries(instances.map(({ instance }) => [instance.name, instance]));
  const value = module && { name, source, ...spec, ...evaluated, module, instances: models };
  return { system: { kind: "container", name, field }, instances, value, isForeign };
}

type Bodied = HostDefinition | ContainerDefinition | HomeDefinition;

/** The module and how it is evaluated; of what an existing flake has, and of an image that floe does not build, nothing. */
function withBody(
  kind: "host" | "home" | "container",
  name: string,
  definition: Bodied,
  field: Field,
  reading: Reading,
  file: string,
): [NixModule | undefined, ReturnType<typeof toEvaluated>] {
  const { body, spec, source } = definition;
  if (spec.from !== undefined) checkFrom(kind, name, definition, field, reading);
  if (body !== undefined)
    return [reading.recorder.record(definition, file), toEvaluated(kind, name, definition, reading)];
  const what = spec.from === undefined ? "images that floe builds" : "what is described in TypeScript";
  for (const key of ["nixpkgs", "specialArgs", ...(spec.from === undefined ? (["system"] as const) : [])] as const)
    if (spec[key] !== undefined) field.child(key, undefined).report(`Key "${key}" of ${field.label} is for ${what}`);
  return [{ source: position(source, reading.root), file: "", expr: { kind: "attrs", entries: [] } }, {}];
}

function checkFrom(kind: string, name: string, { body }: Bodied, field: Field, { hasFlake }: Reading): void {
  const from = field.child("from", undefined);
  if (body !== undefined)
    from.report(
      `${field.subject} has both a module and "from"`,
      `One of an existing flake is described there: ${kind}({ from: ... }) for "${name}" has no module`,
    );
  if (!hasFlake)
    from.report(
      `${field.subject} comes from a flake, and the fleet names none`,
      'Add `flake: "./flake.nix"` to the fleet',
    );
}

/** Either a module or an image. `container({ instances })` alone takes the instances for the module; no NixOS option has that name. */
function checkImage({ body, spec }: ContainerDefinition, field: Field, name: string): void {
  if (spec.image !== undefined && spec.from !== undefined)
    field
      .child("image", undefined)
      .report(`Container "${name}" has both "image" and "from"`, "Its image comes from one of them");
  if (body === undefined) return;
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

function toShells(shells: NonNullable<Definitions["shells"]>, reading: Reading): Record<string, Shell> {
  if ("body" in shells) return recordShells(shells, reading);
  return Object.assign({}, ...shells.map((named) => toShell(named, reading)));
}

function recordShells(made: ShellsDefinition, { root, recorder, problems }: Reading): Record<string, Shell> {
  const source = position(made.source, root);
  const bodies = Object.entries(recorder.recordShells(made));
  for (const [name] of bodies) {
    if (isShellName(name)) continue;
    problems.report(
      placeIn(made.source, [name]),
      ["shells", name],
      `Name "${name}" of a dev shell must ${shellNameRule}`,
    );
  }
  return Object.fromEntries(bodies.map(([name, shell]) => [name, { name, source, ...shell }]));
}

/** One that stands by itself. */
function toShell({ name, definition: made }: Named<"shell">, reading: Reading): Record<string, Shell> {
  const { spec, source } = made;
  if (typeof spec === "function")
    return recordShells({ [definition]: "shells", source, body: (args) => ({ [name]: spec(args) }) }, reading);
  const field = Field.root(reading.problems, placeIn(source), ["shells", name], `dev shell "${name}"`, spec);
  const from = field.keys("from").from.textLike((text) => /^[^"$\\]+$/.test(text), "be the name of one of the flake's");
  if (!reading.hasFlake)
    field.report(
      `${field.subject} comes from a flake, and the fleet names none`,
      'Add `flake: "./flake.nix"` to the fleet',
    );
  const body: NixExpr = { kind: "attrs", entries: [] };
  return { [name]: { name, source: position(source, reading.root), from, body } };
}

function byName<T extends { readonly name: string }>(made: readonly Made<T>[]): Record<string, T> {
  return Object.fromEntries(made.flatMap(({ value }) => (value === undefined ? [] : [[value.name, value] as const])));
}

function position({ file, line, column }: CallSite, root: string): SourcePosition {
  return { file: relative(root, file), line, column };
}
