/**
 * Which machines share one instance of nixpkgs. Importing it is the larger part of evaluating a machine, and the result is the
 * same for machines that agree on system, config and overlays, so these are given one, as the option `nixpkgs.pkgs`.
 */
import type { Fleet, PackageSet } from "../model/fleet.ts";
import { apply, attrs, bind, identifier, list, select, string } from "../nixlang/build.ts";
import { printExpr } from "../nixlang/print.ts";
import type { NixBinding, NixExpr } from "../nixlang/tree.ts";
import { generatedPath } from "./records.ts";
import { sharingFile } from "./sharing.ts";
import { expression } from "./snippets.ts";

/** What the choice is made from: hosts, containers and homes alike. */
export interface Packaged {
  readonly name: string;
  readonly system: string;
  readonly packages?: PackageSet;
}

export interface PackageSets {
  /** `pkgsFor`, and the modules that hand its sets to machines; empty when every machine makes its own. */
  readonly bindings: readonly NixBinding[];
  /** What a machine's modules begin with so that it uses its set; none when it makes its own. */
  module(machine: Packaged): NixExpr | undefined;
  /** Whether a machine asks for `sharing.nix`. */
  readonly shares: boolean;
  /** The packages of a home, which are not made by its modules. */
  packages(home: Packaged): NixExpr;
  /** The packages of the system that the variable `system` holds. */
  readonly ofSystem: NixExpr;
}

/** `machines` use modules to make their packages, `homes` are given them. */
export function packageSets(
  fleet: Fleet,
  systems: readonly string[],
  machines: readonly Packaged[],
  homes: readonly Packaged[],
): PackageSets {
  const groups = groupByKey([...machines, ...homes], fleet.packages);
  const usual = usualGroups(fleet, systems, groups);
  const others = [...groups.values()].filter((group) => !group.isUsual && isConfigured(group.packages));
  const named = new Map([...usual, ...others].map((group) => [group.key, group.name]));
  const setOf = (machine: Packaged): NixExpr | undefined => {
    const name = named.get(keyOf(machine.system, machine.packages));
    return name === undefined ? undefined : select("pkgsFor", name);
  };
  const entries = [...usual, ...others].sort((a, b) => (a.name < b.name ? -1 : 1)).map(importBinding);
  const uses = (configured: boolean): boolean =>
    machines.some((machine) => setOf(machine) !== undefined && isConfigured(machine.packages) === configured);
  return {
    bindings: [
      ...(entries.length === 0 ? [] : [bind("pkgsFor", attrs(entries), { comment: setsComment })]),
      ...(uses(false) ? [sharing(fleet)] : []),
      ...(uses(true) ? [using] : []),
    ],
    shares: uses(false),
    module(machine) {
      const set = setOf(machine);
      return set && apply(isConfigured(machine.packages) ? "using" : "sharing", set);
    },
    packages: (home) => setOf(home) ?? select("inputs", "nixpkgs", "legacyPackages", home.system),
    ofSystem: {
      kind: "select",
      base: usual.length === 0 ? select("inputs", "nixpkgs", "legacyPackages") : identifier("pkgsFor"),
      keys: [identifier("system")],
    },
  };
}

// --- internal ---

interface Group {
  readonly key: string;
  readonly name: string;
  readonly system: string;
  readonly packages: PackageSet | undefined;
  /** Whether it is the fleet's own set, which dev shells use too. */
  readonly isUsual: boolean;
  readonly members: number;
}

function isConfigured(packages: PackageSet | undefined): boolean {
  return packages !== undefined && (packages.config !== undefined || packages.overlays.length > 0);
}

function keyOf(system: string, packages: PackageSet | undefined): string {
  const { config, overlays } = packages ?? { config: undefined, overlays: [] };
  return [system, config === undefined ? "" : printExpr(config), ...overlays.map(printExpr)].join("\n");
}

function groupByKey(machines: readonly Packaged[], usual: PackageSet | undefined): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { name, system, packages } of machines) {
    const key = keyOf(system, packages);
    const isUsual = key === keyOf(system, usual);
    const known = groups.get(key);
    const first = { key, name: isUsual ? system : freeName(name), system, packages, isUsual, members: 0 };
    groups.set(key, { ...(known ?? first), members: (known?.members ?? 0) + 1 });
  }
  return groups;
}

/** A machine's name can be that of a system. */
function freeName(name: string): string {
  return /-(linux|darwin)$/.test(name) ? `${name}-packages` : name;
}

/** The fleet's own set, for every system, once it is worth a name: it is configured, or several machines share it. */
function usualGroups(fleet: Fleet, systems: readonly string[], groups: ReadonlyMap<string, Group>): Group[] {
  const used = [...groups.values()].filter((group) => group.isUsual);
  if (!isConfigured(fleet.packages) && used.every((group) => group.members < 2)) return [];
  const all = new Set([...systems, ...used.map((group) => group.system)]);
  return [...all].map((system) => {
    const key = keyOf(system, fleet.packages);
    return {
      key,
      name: system,
      system,
      packages: fleet.packages,
      isUsual: true,
      members: groups.get(key)?.members ?? 0,
    };
  });
}

function importBinding({ name, system, packages }: Group): NixBinding {
  const settings = [
    bind("system", string(system)),
    ...(packages?.config === undefined ? [] : [bind("config", packages.config)]),
    ...(packages === undefined || packages.overlays.length === 0 ? [] : [bind("overlays", list(packages.overlays))]),
  ];
  return bind(name, apply("import", select("inputs", "nixpkgs"), attrs(settings)));
}

const setsComment = ["Machines that agree on system, config and overlays share one instance of nixpkgs."];

const sharing = (fleet: Fleet): NixBinding => bind("sharing", apply("import", generatedPath(fleet, sharingFile)));

const using = bind(
  "using",
  expression`
    pkgs:
    { config, ... }:
    {
      _file = "flake.nix";
      nixpkgs.pkgs = pkgs;
      assertions = [
        {
          assertion = config.nixpkgs.config == { };
          message = "A module sets \`nixpkgs.config', which has no effect: the packages of this machine are configured in floe, with the key \`nixpkgs'.";
        }
      ];
    }
  `,
);
