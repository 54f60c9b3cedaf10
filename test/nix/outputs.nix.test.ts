/** Everything a fleet can say beside its machines' modules, written out and evaluated by the real nix on firn. */
import { cpSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadFleet } from "../../src/config/load.ts";
import { synthFlake } from "../../src/synth/synth.ts";
import { writeFiles } from "../../src/synth/write.ts";
import { nix } from "../support/nix.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { addBase, firnDir } from "./fixtures/firn/firn.ts";

/** As much of home-manager as the flake touches: a home is its modules' values. */
const homeManager = `{
  outputs = { self }: {
    lib.homeManagerConfiguration = { pkgs, modules, extraSpecialArgs }:
      let
        open = module: (if builtins.isFunction module then module else import module) ({ inherit pkgs; inherit (pkgs) lib; config = { }; } // extraSpecialArgs);
        name = builtins.concatStringsSep "-" (map (module: (open module).home.username) modules);
      in
      { activationPackage = pkgs.runCommand "home-\${name}-\${extraSpecialArgs.site}" { } ": >$out"; };
    nixosModules.home-manager = { lib, ... }: {
      options.home-manager = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; };
    };
  };
}`;

const files: Readonly<Record<string, string>> = {
  "home-manager/flake.nix": homeManager,
  "floe.config.ts": `import { dir, fleet, nix } from "floe";
import { base } from "./modules/base.ts";
import { marked } from "./overlay.ts";
export default fleet({
  name: "outputs",
  inputs: { nixpkgs: dir("./firn"), "home-manager": "./home-manager" },
  nixpkgs: ({ inputs }) => ({ config: { allowUnfree: true }, overlays: [inputs.self.overlays.default] }),
  specialArgs: { site: "lab" },
  hosts: dir("./hosts"), homes: dir("./homes"), shells: "./devshells.ts",
  overlays: { default: marked },
  nixosModules: { base, plain: nix.path("./modules/plain.nix") },
  packages: ({ pkgs, system }) => ({ hi: pkgs.writeText("hi", \`hi on \${system}\`), mine: pkgs.mine }),
  checks: ({ pkgs, inputs, system }) => ({ same: inputs.self.packages.$(system).hi, mine: pkgs.mine }),
  formatter: ({ pkgs }) => pkgs.mine,
});`,
  "overlay.ts": `import type { Overlay } from "floe";
export const marked: Overlay = (final, prev) => ({ mine: final.writeText("mine", "mine"), hello: prev.hello.overrideAttrs((old) => ({ marked: "yes" })) });`,
  "modules/plain.nix": '{ lib, ... }: { environment.etc.plain.text = lib.mkDefault "plain"; }',
  "modules/base.ts": `import { module, nix, opt } from "floe";
export const base = module("lab.base", {
  imports: [nix.path("./plain.nix")],
  options: {
    enable: opt.enable("the base"),
    motd: opt.lines({ default: "" }),
    level: opt.enum(["low", "high"], { default: "low" }),
    count: opt.int.between(1, 9, { default: 3 }),
    sites: opt.attrsOf(opt.submodule(({ name }) => ({ options: { port: opt.port({ default: 80 }), host: opt.str({ default: name }) } })), { default: {} }),
  },
  config: ({ cfg, lib, site }) => lib.mkIf(cfg.enable, {
    environment: { etc: {
      lab: { text: nix.toJSON({ site, level: cfg.level, count: cfg.count, sites: cfg.sites }) },
      motd: { text: cfg.motd },
    } },
    "home-manager": { users: { me: { home: { username: "me" } } } },
  }),
});`,
  "hosts/crown.ts": `import { host } from "floe";
import { base } from "../modules/base.ts";
export default host({ system: "x86_64-linux" }, ({ pkgs }) => ({
  imports: [base],
  lab: { base: { enable: true, motd: "hello", sites: { a: {}, b: { port: 81 } } } },
  environment: { systemPackages: [pkgs.mine, pkgs.hello] },
}));`,
  "hosts/pi.ts": `import { host } from "floe";
export default host({ system: "aarch64-linux", specialArgs: { site: "shed" } }, ({ site, inputs }) => ({
  imports: [inputs.self.nixosModules.base],
  lab: { base: { enable: true, motd: \`at \${site}\` } },
}));`,
  "homes/me@crown.ts": `import { home } from "floe";
export default home({ system: "x86_64-linux" }, ({ pkgs }) => ({ home: { username: "me", packages: [pkgs.mine] } }));`,
  "devshells.ts": `import { shells } from "floe";
export default shells(({ pkgs, lib, inputs, system }) => ({
  default: { packages: [pkgs.mine], env: { LEVEL: "high" }, shellHook: "echo hello" },
  more: { inputsFrom: [inputs.self.devShells.$(system).default], packages: lib.optional(true, pkgs.hello) },
  whole: pkgs.mkShellNoCC({ packages: [] }),
}));`,
};

let project: TempProject;
beforeAll(async () => {
  await addBase();
  project = await tempProject(files);
  cpSync(firnDir, path.join(project.root, "firn"), { recursive: true });
  writeFiles(project.root, synthFlake(await loadFleet(project.root)));
});
afterAll(() => project.remove());

async function evaluate(attribute: string, apply = "x: x"): Promise<unknown> {
  return JSON.parse(await nix(["eval", "--json", `path:${project.root}#${attribute}`, "--apply", apply]));
}

test("outputs once a system have a value for each", async () => {
  const names = "builtins.mapAttrs (_: builtins.attrNames)";
  const both = (value: unknown) => ({ "aarch64-linux": value, "x86_64-linux": value });
  expect(await evaluate("packages", names)).toEqual(both(["hi", "mine"]));
  expect(await evaluate("checks", names)).toEqual(both(["mine", "same"]));
  expect(await evaluate("devShells", names)).toEqual(both(["default", "more", "whole"]));
  expect(await evaluate("formatter", "builtins.mapAttrs (_: f: f.name)")).toEqual(both("mine"));
  expect(await evaluate("packages.aarch64-linux.hi", "x: x.text or x.name")).toContain("hi");
  expect(await evaluate("nixosModules", "builtins.attrNames")).toEqual(["base", "plain"]);
  expect(
    await evaluate("overlays", "x: (x.default { writeText = _: _: 1; } { hello.overrideAttrs = f: f { }; })"),
  ).toEqual({
    hello: { marked: "yes" },
    mine: 1,
  });
  expect(await evaluate("checks.x86_64-linux.same", "x: x.drvPath")).toBe(
    await evaluate("packages.x86_64-linux.hi", "x: x.drvPath"),
  );
});

test("the fleet's overlays, special arguments and a module's own options reach the hosts", async () => {
  const etc = "x: builtins.mapAttrs (_: e: e.text) { inherit (x) lab motd plain; }";
  const crown = (await evaluate("nixosConfigurations.crown.config.environment.etc", etc)) as Record<string, string>;
  expect(JSON.parse(crown["lab"] ?? "")).toEqual({
    site: "lab",
    level: "low",
    count: 3,
    sites: { a: { port: 80, host: "a" }, b: { port: 81, host: "b" } },
  });
  expect(crown).toMatchObject({ motd: "hello", plain: "plain" });
  const pi = (await evaluate("nixosConfigurations.pi.config.environment.etc", etc)) as Record<string, string>;
  expect(JSON.parse(pi["lab"] ?? "")).toMatchObject({ site: "shed" });
  expect(pi["motd"]).toBe("at shed");
  expect(await evaluate("nixosConfigurations.crown.config.environment.systemPackages", "map (p: p.name)")).toContain(
    "mine",
  );
  expect(await evaluate("nixosConfigurations.crown.config.home-manager.users.me.home.username")).toBe("me");
});

test("homes are evaluated with the fleet's packages, and floe asks for them", async () => {
  expect(await evaluate("homeConfigurations", 'x: (x."me@crown").activationPackage.name')).toBe("home-me-lab");
  expect(await evaluate("floe", "builtins.mapAttrs (_: builtins.attrNames)")).toEqual({
    hosts: ["crown", "pi"],
    homes: ["me@crown"],
    images: [],
    shells: ["default", "more", "whole"],
  });
});

test("dev shells take packages, an environment, hooks and the inputs of others", async () => {
  const script = await nix([
    "develop",
    "--ignore-environment",
    `path:${project.root}#default`,
    "-c",
    "sh",
    "-c",
    "echo level $LEVEL",
  ]);
  expect(script).toContain("level high");
});
