/**
 * flake.nix: small enough to be read, and kept by hand if floe is gone. The outputs have the names that `nixos-rebuild`,
 * `nix build` and `nix develop` look for; `floe` alone is floe's own.
 */
import { SynthError } from "../errors.ts";
import { builtContainers, type Container, type FlakeOutputs, type Fleet } from "../model/fleet.ts";
import { apply, attrs, bind, identifier, lambda, select, string } from "../nixlang/build.ts";
import type { NixBinding, NixEntry, NixExpr } from "../nixlang/tree.ts";
import { usedNames } from "../nixlang/used-names.ts";
import { imageInPlaceFile, isInPlace } from "./image-in-place.ts";
import { imageMetadataFile } from "./image-metadata.ts";
import { folderBindings, hasFolders, inputsEntry } from "./inputs.ts";
import { machineBindings } from "./machines.ts";
import { type PackageSets, packageSets } from "./package-sets.ts";
import { byName, generatedPath } from "./records.ts";

/** The system of the dev shells that floe itself asks for, and of a fleet without machines. */
const usualSystem = "x86_64-linux";

/**
 * The flake; of a fleet with an existing one, its outputs as a function of the inputs. Throws SynthError when the input `nixpkgs` is missing, or two
 * packages would have one name.
 */
export function flakeTree(fleet: Fleet): NixExpr {
  if (fleet.flake === undefined && fleet.inputs["nixpkgs"] === undefined && needsNixpkgs(fleet)) {
    throw new SynthError('The fleet has no input "nixpkgs"', {
      hint: `Add one to "inputs" of ${fleet.configFile}`,
      at: { file: fleet.configFile, line: 1, column: 1 },
    });
  }
  const outputs = attrs(outputEntries(fleet), { spaced: true });
  const bindings = withLib(letBindings(fleet), fleet);
  const body: NixExpr =
    bindings.length === 0 ? outputs : { kind: "let", spaced: true, entries: bindings, body: outputs };
  if (fleet.flake !== undefined) return lambda("inputs", body);
  const argument = hasFolders(fleet.inputs) ? "flakeInputs" : "inputs";
  return attrs([
    bind("description", description(fleet)),
    ...inputsEntry(fleet.inputs),
    bind("outputs", lambda(argument, body)),
  ]);
}

/** Whether machines of the flake ask for the file `nix/sharing.nix`. */
export function sharesPackages(fleet: Fleet): boolean {
  return packagesOf(fleet).shares;
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

function homesOf(fleet: Fleet): NonNullable<Fleet["homes"]> {
  return fleet.homes ?? {};
}

function hasMachines(fleet: Fleet): boolean {
  return !isEmpty(fleet.hosts) || !isEmpty(fleet.containers);
}

function needsNixpkgs(fleet: Fleet): boolean {
  return hasMachines(fleet) || !isEmpty(homesOf(fleet)) || !isEmpty(fleet.shells);
}

/** Systems of what is made once a system. */
function systemsOf(fleet: Fleet): string[] {
  if (fleet.systems !== undefined && fleet.systems.length > 0) return [...new Set(fleet.systems)].sort();
  const machines = [fleet.hosts, builtContainers(fleet), homesOf(fleet)].flatMap((record) => Object.values(record));
  const systems = machines.map((machine) => machine.system);
  return [...new Set(systems.length === 0 ? [usualSystem] : systems)].sort();
}

/** Nix reads this part of a flake without evaluating it, and takes nothing but a plain string. */
function description(fleet: Fleet): NixExpr {
  return { ...string(fleet.description), notation: "quoted" };
}

// What the outputs are made of.

function packagesOf(fleet: Fleet): PackageSets {
  const machines = [...byName(fleet.hosts), ...byName(fleet.containers)];
  return packageSets(fleet, systemsOf(fleet), machines, byName(homesOf(fleet)));
}

function letBindings(fleet: Fleet): NixBinding[] {
  const containers = byName(fleet.containers);
  const packages = packagesOf(fleet);
  const perSystem = perSystemBindings(fleet, packages.ofSystem);
  const hasPaths = hasMachines(fleet) || !isEmpty(homesOf(fleet)) || !isEmpty(fleet.shells);
  return [
    ...(hasFolders(fleet.inputs) ? folderBindings(fleet.inputs) : []),
    ...packages.bindings,
    ...machineBindings(fleet, packages),
    ...(containers.length === 0 ? [] : imageFunctions(fleet)),
    ...perSystem,
    ...(hasPaths ? [pathsFunction] : []),
    ...(containers.length === 0 ? [] : [imageFunction]),
    ...(containers.some(isInPlace) ? [inPlaceFunction(fleet)] : []),
  ];
}

/** `lib`, where a value of the user's in the flake asks for it. */
function withLib(bindings: readonly NixBinding[], fleet: Fleet): NixEntry[] {
  const used = usersTrees(fleet).some((tree) => usedNames(tree, new Set(["lib"])).size > 0);
  if (!used) return [...bindings];
  const lib: NixEntry = { kind: "inherit", from: select("inputs", "nixpkgs"), names: ["lib"] };
  const afterInputs = hasFolders(fleet.inputs) ? folderBindings(fleet.inputs).length : 0;
  return [...bindings.slice(0, afterInputs), lib, ...bindings.slice(afterInputs)];
}

/** What the user wrote that stands in flake.nix itself. */
export function usersTrees(fleet: Fleet): NixExpr[] {
  const machines = [fleet.hosts, fleet.containers, homesOf(fleet)].flatMap((record) => Object.values(record));
  const sets = [fleet.packages, ...machines.map((machine) => machine.packages)];
  const all = [
    ...sets.flatMap((set) => (set === undefined ? [] : [set.config, ...set.overlays])),
    ...machines.flatMap((machine) => machine.specialArgs ?? []),
    ...Object.values(fleet.shells).map((shell) => shell.body),
    ...Object.values(fleet.outputs ?? {}),
  ];
  return all.filter((tree) => tree !== undefined);
}

const build = select("machine", "config", "system", "build");

const imageFunctions = (fleet: Fleet): readonly NixBinding[] => [
  bind(
    "rootfs",
    lambda("machine", { kind: "select", base: build, keys: ["squashfs"], fallback: select(build, "tarball") }),
    {
      comment: ["The two parts of a container's image."],
    },
  ),
  bind(
    "metadata",
    lambda("machine", {
      kind: "select",
      base: build,
      keys: ["metadata"],
      fallback: apply(apply("import", generatedPath(fleet, imageMetadataFile)), identifier("machine")),
    }),
  ),
];

/** Functions of a system: dev shells, and the fleet's own packages, checks and formatter. */
function perSystemBindings(fleet: Fleet, pkgs: NixExpr): NixBinding[] {
  const shells = byName(fleet.shells).map((shell) =>
    bind(shell.name, shell.isDerivation === true ? shell.body : apply(select("pkgs", "mkShell"), shell.body)),
  );
  const { packages, checks, formatter } = fleet.outputs ?? {};
  const bindings: readonly (readonly [string, NixExpr | undefined])[] = [
    ["shells", shells.length === 0 ? undefined : attrs(shells, { spaced: true })],
    ["packages", packages],
    ["checks", checks],
    ["formatter", formatter],
  ];
  return bindings.flatMap(([name, body]) => (body === undefined ? [] : [bind(name, ofSystem(body, pkgs))]));
}

function ofSystem(body: NixExpr, pkgs: NixExpr): NixExpr {
  if (usedNames(body, new Set(["pkgs"])).size === 0) return lambda("system", body);
  return lambda("system", { kind: "let", entries: [bind("pkgs", pkgs)], body });
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

/** For instances whose store is their server's. */
const inPlaceFunction = (fleet: Fleet): NixBinding =>
  bind(
    "inPlace",
    lambda("machine", {
      kind: "binary",
      operator: "//",
      left: apply("image", identifier("machine")),
      right: attrs([
        bind(
          "root",
          apply("paths", apply(apply("import", generatedPath(fleet, imageInPlaceFile)), identifier("machine"))),
        ),
        bind("toplevel", apply("paths", select("machine", "config", "system", "build", "toplevel"))),
      ]),
    }),
  );

// The outputs.

function outputEntries(fleet: Fleet): NixEntry[] {
  const { overlays, nixosModules, checks, formatter }: FlakeOutputs = fleet.outputs ?? {};
  return [
    ...configurationsEntry(fleet),
    ...(isEmpty(homesOf(fleet)) ? [] : [bind("homeConfigurations", identifier("homes"))]),
    ...packagesEntry(fleet),
    ...(checks === undefined ? [] : [eachSystem("checks", "checks", fleet)]),
    ...(isEmpty(fleet.shells) ? [] : [eachSystem("devShells", "shells", fleet)]),
    ...(formatter === undefined ? [] : [eachSystem("formatter", "formatter", fleet)]),
    ...(overlays === undefined ? [] : [bind("overlays", overlays)]),
    ...(nixosModules === undefined ? [] : [bind("nixosModules", nixosModules)]),
    floeEntry(fleet),
  ];
}

function eachSystem(output: string, fn: string, fleet: Fleet): NixBinding {
  return bind(output, attrs(systemsOf(fleet).map((system) => bind(system, apply(fn, string(system))))));
}

function configurationsEntry(fleet: Fleet): NixEntry[] {
  const [first, second] = [
    ...(isEmpty(fleet.hosts) ? [] : ["hosts"]),
    ...(isEmpty(fleet.containers) ? [] : ["containers"]),
  ].map(identifier);
  if (first === undefined) return [];
  const machines: NixExpr =
    second === undefined ? first : { kind: "binary", operator: "//", left: first, right: second };
  return [
    bind("nixosConfigurations", apply(select("builtins", "mapAttrs"), lambda("_", identifier("nixos")), machines)),
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
  refuseTakenPackages(fleet);
  const isOwn = fleet.outputs?.packages !== undefined;
  const systems = [...containers.map((container) => container.system), ...(isOwn ? systemsOf(fleet) : [])];
  const packages = [...new Set(systems)].sort().map((system) => {
    const images = attrs(containers.filter((container) => container.system === system).flatMap(imagePackages));
    const own = isOwn && systemsOf(fleet).includes(system) ? apply("packages", string(system)) : undefined;
    if (own === undefined) return bind(system, images);
    return bind(
      system,
      images.entries.length === 0 ? own : { kind: "binary", operator: "//", left: own, right: images },
    );
  });
  return packages.length === 0 ? [] : [bind("packages", attrs(packages))];
}

/** The image of a container would hide a package of its name. */
function refuseTakenPackages(fleet: Fleet): void {
  const own = fleet.outputs?.packages;
  if (own?.kind !== "attrs") return;
  for (const container of byName(fleet.containers)) {
    const taken = [container.name, `${container.name}-metadata`].find((name) =>
      own.entries.some((entry) => entry.kind === "binding" && entry.keys[0] === name),
    );
    if (taken === undefined) continue;
    throw new SynthError(`Package "${taken}" has the name of an image of container "${container.name}"`, {
      at: container.source,
      hint: "Rename one of the two",
    });
  }
}

function imagePackages({ name }: Container): NixBinding[] {
  const container = apply("nixos", select("containers", name));
  return [bind(name, apply("rootfs", container)), bind(`${name}-metadata`, apply("metadata", container))];
}

function floeEntry(fleet: Fleet): NixEntry {
  const made = (name: string) => apply("nixos", identifier(name));
  const toplevel = apply("paths", select(made("host"), "config", "system", "build", "toplevel"));
  const each = (fn: NixExpr, set: NixExpr): NixExpr => apply(select("builtins", "mapAttrs"), fn, set);
  const empty = attrs([]);
  const home = lambda("_", lambda("home", apply("paths", select("home", "activationPackage"))));
  return bind(
    "floe",
    attrs([
      bind("hosts", isEmpty(fleet.hosts) ? empty : each(lambda("_", lambda("host", toplevel)), identifier("hosts"))),
      ...(isEmpty(homesOf(fleet)) ? [] : [bind("homes", each(home, identifier("homes")))]),
      bind("images", imagesOf(fleet, each)),
      bind(
        "shells",
        isEmpty(fleet.shells)
          ? empty
          : each(lambda("_", identifier("paths")), apply("shells", string(shellSystem(fleet)))),
      ),
    ]),
    {
      comment: [
        "What floe asks for, all in one evaluation.",
        ...(hasMachines(fleet) ? ["Each machine is forgotten once its derivation is known."] : []),
      ],
    },
  );
}

/** Every container's image, and more of those with instances that are updated in place. */
function imagesOf(fleet: Fleet, each: (fn: NixExpr, set: NixExpr) => NixExpr): NixExpr {
  if (isEmpty(fleet.containers)) return attrs([]);
  const image = apply("image", apply("nixos", identifier("container")));
  const images = each(lambda("_", lambda("container", image)), identifier("containers"));
  const inPlace = byName(fleet.containers).filter(isInPlace);
  if (inPlace.length === 0) return images;
  const own = inPlace.map(({ name }) => bind(name, apply("inPlace", apply("nixos", select("containers", name)))));
  return { kind: "binary", operator: "//", left: images, right: attrs(own) };
}
