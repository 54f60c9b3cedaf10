/** The machines and homes of a flake: which modules each is made of, and with what arguments. */
import type { Container, Fleet, Home, Host } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import { apply, attrs, bind, identifier, lambda, list, select, string } from "../nixlang/build.ts";
import { printExpr } from "../nixlang/print.ts";
import type { NixBinding, NixEntry, NixExpr } from "../nixlang/tree.ts";
import { importedModules, mentionsInput, setsOption } from "./module-graph.ts";
import { nightlyFile, nightlyOf } from "./nightly.ts";
import type { PackageSets } from "./package-sets.ts";
import { byName, generatedPath } from "./records.ts";
import { dashboardOf, serveFile } from "./serve.ts";
import { expression } from "./snippets.ts";

/**
 * `nixos`, `home`, and the sets `hosts`, `containers` and `homes`, each where there are any. Hosts and containers are what `nixos` is given, not
 * what it makes: an evaluation of many then needs no more memory than of one (docs/decisions/shared-nixpkgs.md).
 */
export function machineBindings(fleet: Fleet, packages: PackageSets): NixBinding[] {
  const hosts = byName(fleet.hosts);
  const given = [
    { host: nightlyOf(fleet)?.host, file: nightlyFile },
    { host: dashboardOf(fleet)?.host, file: serveFile },
  ];
  const ofHost = (name: string): NixExpr[] =>
    given.filter(({ host }) => host === name).map(({ file }) => generatedPath(fleet, file));
  const containers = byName(fleet.containers);
  const homes = byName(fleet.homes ?? {});
  const nixos = specialArguments([...hosts, ...containers]);
  const home = specialArguments(homes);
  const all = (name: string, bindings: readonly NixBinding[]): NixBinding[] =>
    bindings.length === 0 ? [] : [bind(name, attrs(bindings))];
  return [
    ...(hosts.length + containers.length === 0 ? [] : [nixosFunction(nixos)]),
    ...(containers.length === 0 ? [] : [instanceModule]),
    ...(homes.length === 0 ? [] : [homeFunction(home)]),
    ...all(
      "hosts",
      hosts.map((host) => machine(host, ofHost(host.name), nixos, fleet, packages)),
    ),
    ...all(
      "containers",
      containers.map((made) => machine(made, [identifier("instance")], nixos, fleet, packages)),
    ),
    ...all(
      "homes",
      homes.map((made) => homeBinding(made, home, fleet, packages)),
    ),
  ];
}

// --- internal ---

type Machine = Host | Container;

/** Special arguments that all have are written once; where they differ, each machine says its own. */
interface SpecialArguments {
  readonly shared: readonly NixExpr[];
  readonly differ: boolean;
}

function specialArguments(machines: readonly Pick<Machine, "specialArgs">[]): SpecialArguments {
  const texts = new Set(
    machines.map(({ specialArgs }) => (specialArgs ?? []).map((tree) => printExpr(tree)).join("\n")),
  );
  return texts.size > 1 ? { shared: [], differ: true } : { shared: machines[0]?.specialArgs ?? [], differ: false };
}

/** `{ inherit inputs; }` with more attributes. */
function withInputs(more: readonly NixExpr[]): NixExpr {
  const inputs: NixEntry = { kind: "inherit", names: ["inputs"] };
  const [first] = more;
  if (more.length === 1 && first?.kind === "attrs" && first.recursive !== true)
    return attrs([inputs, ...first.entries]);
  return more.reduce<NixExpr>((left, right) => ({ kind: "binary", operator: "//", left, right }), attrs([inputs]));
}

function given({ shared, differ }: SpecialArguments): NixExpr {
  return withInputs(differ ? [identifier("specialArgs")] : shared);
}

function ownArguments({ differ }: SpecialArguments, { specialArgs = [] }: Pick<Machine, "specialArgs">): NixExpr[] {
  if (!differ) return [];
  const [first = attrs([]), ...others] = specialArgs;
  return [others.reduce<NixExpr>((left, right) => ({ kind: "binary", operator: "//", left, right }), first)];
}

function nixosFunction(special: SpecialArguments): NixBinding {
  const names = ["system", "modules", ...(special.differ ? ["specialArgs"] : [])];
  const body = apply(
    select("inputs", "nixpkgs", "lib", "nixosSystem"),
    attrs([{ kind: "inherit", names: ["system", "modules"] }, bind("specialArgs", given(special))]),
  );
  const param = { kind: "pattern" as const, names: names.map((name) => ({ name })), open: false };
  return bind("nixos", { kind: "lambda", param, body }, { comment: ["Every module can ask for `inputs`."] });
}

function homeFunction(special: SpecialArguments): NixBinding {
  const body = lambda(
    "pkgs",
    lambda(
      "modules",
      apply(
        select("inputs", "home-manager", "lib", "homeManagerConfiguration"),
        attrs([{ kind: "inherit", names: ["pkgs", "modules"] }, bind("extraSpecialArgs", given(special))]),
      ),
    ),
  );
  return bind("home", special.differ ? lambda("specialArgs", body) : body);
}

/** Weaker than anything a module says, `mkDefault` among it, yet stronger than the option's default. */
const instanceModule = bind(
  "instance",
  expression`
    { lib, ... }:
    {
      _file = "flake.nix";
      networking.hostName = lib.mkOverride 1400 "";
    }
  `,
  { comment: ["Many instances may be made of one image, so Incus gives each its name."] },
);

function machine(
  made: Machine,
  first: readonly NixExpr[],
  special: SpecialArguments,
  fleet: Fleet,
  packages: PackageSets,
): NixBinding {
  const set = packages.module(made);
  const modules = [
    ...(set === undefined ? [] : [set]),
    ...first,
    ...(needsHomeManager(made.module, fleet) ? [select("inputs", "home-manager", "nixosModules", "home-manager")] : []),
    generatedPath(fleet, made.module.file),
  ];
  const [specialArgs] = ownArguments(special, made);
  return bind(
    made.name,
    attrs([
      bind("system", string(made.system)),
      ...(specialArgs === undefined ? [] : [bind("specialArgs", specialArgs)]),
      bind("modules", list(modules)),
    ]),
  );
}

function homeBinding(made: Home, special: SpecialArguments, fleet: Fleet, packages: PackageSets): NixBinding {
  const modules = list([generatedPath(fleet, made.module.file)]);
  return bind(made.name, apply("home", ...ownArguments(special, made), packages.packages(made), modules));
}

/** Whether the module, or one that it imports, sets `home-manager` options and none of them imports what declares these. */
function needsHomeManager(module: NixModule, fleet: Fleet): boolean {
  if (fleet.inputs["home-manager"] === undefined) return false;
  const all = importedModules(module, fleet);
  return (
    all.some((each) => setsOption(each, "home-manager")) && !all.some((each) => mentionsInput(each, "home-manager"))
  );
}
