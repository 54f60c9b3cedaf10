/**
 * flake.nix: small enough to be read, and kept by hand if floe is gone. The outputs have the names that `nixos-rebuild`,
 * `nix build` and `nix develop` look for; `floe` alone is floe's own.
 */
import { SynthError } from "../errors.ts";
import type { Container, Fleet, Host } from "../model/fleet.ts";
import { apply, attrs, bind, identifier, lambda, list, path, select, string } from "../nixlang/build.ts";
import type { NixBinding, NixEntry, NixExpr } from "../nixlang/tree.ts";
import { usedNames } from "../nixlang/used-names.ts";
import { folderBindings, hasFolders, inputsEntry } from "./inputs.ts";

/** The system of the dev shells that floe itself asks for, and of a fleet without machines. */
const usualSystem = "x86_64-linux";

/** Throws SynthError when the input `nixpkgs` is missing, or two packages would have one name. */
export function flakeTree(fleet: Fleet): NixExpr {
  if (fleet.inputs["nixpkgs"] === undefined && needsNixpkgs(fleet)) {
    throw new SynthError('The fleet has no input "nixpkgs"', {
      hint: `Add one to "inputs" of ${fleet.configFile}`,
      at: { file: fleet.configFile, line: 1, column: 1 },
    });
  }
  const bindings = letBindings(fleet);
  const outputs = attrs(outputEntries(fleet), { spaced: true });
  const body: NixExpr = bindings.length === 0 ? outputs : { kind: "let", entries: bindings, body: outputs };
  const argument = hasFolders(fleet.inputs) ? "flakeInputs" : "inputs";
  return attrs([
    bind("description", description(fleet)),
    ...inputsEntry(fleet.inputs),
    bind("outputs", lambda(argument, body)),
  ]);
}

/** The system whose dev shells floe asks for. */
export function shellSystem(fleet: Fleet): string {
  const systems = systemsOf(fleet);
  return systems.includes(usualSystem) ? usualSystem : (systems[0] ?? usualSystem);
}

// --- internal ---

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

function hasMachines(fleet: Fleet): boolean {
  return !isEmpty(fleet.hosts) || !isEmpty(fleet.containers);
}

function needsNixpkgs(fleet: Fleet): boolean {
  return hasMachines(fleet) || !isEmpty(fleet.shells);
}

function systemsOf(fleet: Fleet): string[] {
  const systems = [...Object.values(fleet.hosts), ...Object.values(fleet.containers)].map((machine) => machine.system);
  return [...new Set(systems.length === 0 ? [usualSystem] : systems)].sort();
}

function byName<T extends { readonly name: string }>(record: Readonly<Record<string, T>>): T[] {
  return Object.values(record).sort((a, b) => (a.name < b.name ? -1 : 1));
}

// The functions and the machines.

function letBindings(fleet: Fleet): NixBinding[] {
  const containers = byName(fleet.containers);
  const shells = byName(fleet.shells);
  return [
    ...(hasFolders(fleet.inputs) ? folderBindings(fleet.inputs) : []),
    ...(hasMachines(fleet) ? [nixosFunction] : []),
    ...machinesBinding("hosts", byName(fleet.hosts), fleet),
    ...machinesBinding("containers", containers, fleet),
    ...(containers.length === 0 ? [] : imageFunctions),
    ...(shells.length === 0 ? [] : [shellsFunction(fleet)]),
    ...(hasMachines(fleet) || shells.length > 0 ? [pathsFunction] : []),
    ...(containers.length === 0 ? [] : [imageFunction]),
  ];
}

const nixosFunction = bind(
  "nixos",
  lambda(
    "system",
    lambda(
      "modules",
      apply(
        select("inputs", "nixpkgs", "lib", "nixosSystem"),
        attrs([
          { kind: "inherit", names: ["system", "modules"] },
          bind(["specialArgs"], attrs([{ kind: "inherit", names: ["inputs"] }])),
        ]),
      ),
    ),
  ),
  { comment: ["Every module can ask for `inputs`."] },
);

/** Nix reads this part of a flake without evaluating it, and takes nothing but a plain string. */
function description(fleet: Fleet): NixExpr {
  return { ...string(fleet.description), notation: "quoted" };
}

function machinesBinding(name: string, machines: readonly (Host | Container)[], fleet: Fleet): NixBinding[] {
  return machines.length === 0 ? [] : [bind(name, attrs(machines.map((made) => machine(made, fleet))))];
}

function machine(made: Host | Container, fleet: Fleet): NixBinding {
  const homeManager = usesHomeManager(made, fleet)
    ? [select("inputs", "home-manager", "nixosModules", "home-manager")]
    : [];
  return bind(made.name, apply("nixos", string(made.system), list([...homeManager, path(`./${made.module.file}`)])));
}

/** Whether the module sets `home-manager` options, while the fleet has the input that declares them. */
function usesHomeManager(made: Host | Container, fleet: Fleet): boolean {
  if (fleet.inputs["home-manager"] === undefined) return false;
  const { expr } = made.module;
  const body = expr.kind === "lambda" ? expr.body : expr;
  return (
    body.kind === "attrs" && body.entries.some((entry) => entry.kind === "binding" && entry.keys[0] === "home-manager")
  );
}

const build = select("machine", "config", "system", "build");

const imageFunctions: readonly NixBinding[] = [
  bind(
    "rootfs",
    lambda("machine", { kind: "select", base: build, keys: ["squashfs"], fallback: select(build, "tarball") }),
    {
      comment: ["The two parts of a container's image."],
    },
  ),
  bind("metadata", lambda("machine", select(build, "metadata"))),
];

function shellsFunction(fleet: Fleet): NixBinding {
  const shells = byName(fleet.shells).map((shell) => bind(shell.name, apply(select("pkgs", "mkShell"), shell.body)));
  const body: NixExpr = {
    kind: "let",
    entries: [
      bind("pkgs", {
        kind: "select",
        base: select("inputs", "nixpkgs", "legacyPackages"),
        keys: [identifier("system")],
      }),
      { kind: "inherit", from: select("inputs", "nixpkgs"), names: ["lib"] },
    ],
    body: attrs(shells, { spaced: true }),
  };
  const usesLib = shells.some((shell) => usedNames(shell.value, new Set(["lib"])).size > 0);
  return bind("shells", lambda("system", usesLib ? body : { ...body, entries: body.entries.slice(0, 1) }));
}

const pathsFunction = bind(
  "paths",
  lambda("package", attrs([{ kind: "inherit", from: identifier("package"), names: ["drvPath", "outPath"] }])),
);

const imageFunction = bind(
  "image",
  lambda(
    "machine",
    attrs([
      bind("rootfs", apply("paths", apply("rootfs", identifier("machine")))),
      bind("metadata", apply("paths", apply("metadata", identifier("machine")))),
    ]),
  ),
);

// The outputs.

function outputEntries(fleet: Fleet): NixEntry[] {
  return [...configurationsEntry(fleet), ...packagesEntry(fleet), ...devShellsEntry(fleet), floeEntry(fleet)];
}

function configurationsEntry(fleet: Fleet): NixEntry[] {
  const [first, second] = [
    ...(isEmpty(fleet.hosts) ? [] : ["hosts"]),
    ...(isEmpty(fleet.containers) ? [] : ["containers"]),
  ].map(identifier);
  if (first === undefined) return [];
  return [
    bind(
      "nixosConfigurations",
      second === undefined ? first : { kind: "binary", operator: "//", left: first, right: second },
    ),
  ];
}

function packagesEntry(fleet: Fleet): NixEntry[] {
  const containers = byName(fleet.containers);
  const names = new Set(containers.map((container) => container.name));
  const clash = containers.find((container) => names.has(`${container.name}-metadata`));
  if (clash !== undefined) {
    throw new SynthError(`Container "${clash.name}-metadata" has the name of the metadata of "${clash.name}"`, {
      at: clash.source,
      hint: "Rename one of the two",
    });
  }
  const systems = [...new Set(containers.map((container) => container.system))].sort();
  const packages = systems.map((system) =>
    bind(system, attrs(containers.filter((container) => container.system === system).flatMap(imagePackages))),
  );
  return packages.length === 0 ? [] : [bind("packages", attrs(packages))];
}

function imagePackages({ name }: Container): NixBinding[] {
  const container = select("containers", name);
  return [bind(name, apply("rootfs", container)), bind(`${name}-metadata`, apply("metadata", container))];
}

function devShellsEntry(fleet: Fleet): NixEntry[] {
  if (isEmpty(fleet.shells)) return [];
  return [bind("devShells", attrs(systemsOf(fleet).map((system) => bind(system, apply("shells", string(system))))))];
}

function floeEntry(fleet: Fleet): NixEntry {
  const toplevel = apply("paths", select("host", "config", "system", "build", "toplevel"));
  const each = (fn: NixExpr, set: NixExpr): NixExpr => apply(select("builtins", "mapAttrs"), fn, set);
  const empty = attrs([]);
  return bind(
    "floe",
    attrs([
      bind("hosts", isEmpty(fleet.hosts) ? empty : each(lambda("_", lambda("host", toplevel)), identifier("hosts"))),
      bind(
        "images",
        isEmpty(fleet.containers) ? empty : each(lambda("_", identifier("image")), identifier("containers")),
      ),
      bind(
        "shells",
        isEmpty(fleet.shells)
          ? empty
          : each(lambda("_", identifier("paths")), apply("shells", string(shellSystem(fleet)))),
      ),
    ]),
    { comment: ["What floe asks for, all in one evaluation."] },
  );
}
