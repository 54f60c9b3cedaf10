import { relative } from "node:path";
import type { CallSite, ContainerDefinition, ShellsDefinition } from "../authoring/definitions.ts";
import type { SourcePosition } from "../errors.ts";
import type { Container, Fleet, Host, Shell } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { checkWhole, type NamedField } from "./checks.ts";
import type { Named } from "./collect.ts";
import { readContainer } from "./container.ts";
import { Field } from "./field.ts";
import type { ReadFleet } from "./fleet-spec.ts";
import { readHost } from "./host.ts";
import type { ReadInstance } from "./instance.ts";
import { openRecorder, type Recorder } from "./modules.ts";
import { type Problems, placeIn } from "./problems.ts";

/** The definitions of a project, found and named but not yet read. */
export interface Definitions {
  readonly root: string;
  readonly configFile: string;
  readonly spec: ReadFleet;
  readonly hosts: readonly Named<"host">[];
  readonly containers: readonly Named<"container">[];
  readonly shells: ShellsDefinition | undefined;
}

interface Reading {
  readonly root: string;
  readonly servers: readonly string[];
  readonly problems: Problems;
  readonly recorder: Recorder;
}

/** A host or container with what the checks across the fleet look at. */
interface Made<T> {
  readonly system: NamedField;
  readonly instances: readonly ReadInstance[];
  /** Undefined when its module could not be recorded. */
  readonly value: T | undefined;
}

/** The model of a project. What is wrong is reported; the result is of use only when nothing was. */
export function toFleet({ root, configFile, spec, hosts, containers, shells }: Definitions, problems: Problems): Fleet {
  const reading: Reading = {
    root,
    servers: Object.keys(spec.servers),
    problems,
    recorder: openRecorder(root, problems),
  };
  const madeHosts = hosts.map((named) => toHost(named, reading));
  const madeContainers = containers.map((named) => toContainer(named, reading));
  checkWhole({
    fleet: spec.field,
    inputs: spec.inputs,
    systems: [...madeHosts, ...madeContainers].map(({ system }) => system),
    instances: madeContainers.flatMap(({ instances }) => instances),
    hasShells: shells !== undefined,
  });
  return {
    name: spec.name,
    description: spec.description,
    root,
    configFile,
    inputs: spec.inputs,
    servers: spec.servers,
    hosts: byName(madeHosts),
    containers: byName(madeContainers),
    shells: shells === undefined ? {} : toShells(shells, reading),
    modules: reading.recorder.imported(),
  };
}

function toHost({ name, definition }: Named<"host">, { root, servers, problems, recorder }: Reading): Made<Host> {
  const field = Field.root(problems, placeIn(definition.source), ["hosts", name], `host "${name}"`, definition.spec);
  const spec = readHost(field, servers);
  const module = recorder.record(definition, `nix/hosts/${name}.nix`);
  const value = module && defined({ name, source: position(definition.source, root), ...spec, module });
  return { system: { kind: "host", name, field }, instances: [], value };
}

function toContainer(
  { name, definition }: Named<"container">,
  { root, servers, problems, recorder }: Reading,
): Made<Container> {
  const field = Field.root(
    problems,
    placeIn(definition.source),
    ["containers", name],
    `container "${name}"`,
    definition.spec,
  );
  const { system, tags, instances } = readContainer(field, name, servers);
  checkBody(definition.body, field, name);
  const module = recorder.record(definition, `nix/containers/${name}.nix`);
  const models = Object.fromEntries(instances.map(({ instance }) => [instance.name, instance]));
  const value = module && { name, source: position(definition.source, root), system, tags, module, instances: models };
  return { system: { kind: "container", name, field }, instances, value };
}

/** `container({ instances })` alone takes the instances for the module; no NixOS option has that name. */
function checkBody(body: ContainerDefinition["body"], field: Field, name: string): void {
  if (typeof body === "function" || !("instances" in body)) return;
  field
    .child("instances", undefined)
    .report(
      `Container "${name}" has instances but no module`,
      "Give it as the second argument: container({ instances: { ... } }, ({ pkgs }) => ({ ... }))",
    );
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
  return Object.fromEntries(bodies.map(([name, body]) => [name, { name, source, body }]));
}

function byName<T extends { readonly name: string }>(made: readonly Made<T>[]): Record<string, T> {
  return Object.fromEntries(made.flatMap(({ value }) => (value === undefined ? [] : [[value.name, value] as const])));
}

function position({ file, line, column }: CallSite, root: string): SourcePosition {
  return { file: relative(root, file), line, column };
}
