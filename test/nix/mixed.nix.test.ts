/** TypeScript beside the Nix of an existing flake: either imports the other, and both are one fleet. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProject } from "../../src/config/find.ts";
import type { Evaluation } from "../../src/model/evaluation.ts";
import { allNames, askFleet, build, evaluate, load, writeFlake } from "../../src/pipeline.ts";
import { makeRepository } from "../support/corpus.ts";
import {
  drvPathOf,
  type ExistingFlake,
  existingFlake,
  flakeFiles,
  flakeText,
  fleetText,
} from "../support/existing-flake.ts";
import { nix, nixCommand } from "../support/nix.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const work = { emit: () => {}, signal: new AbortController().signal };
process.env["FLOE_NIX"] = nixCommand;

const greet = `import { module, opt } from "floe";

export const greet = module("greet", {
  options: { text: opt.str({ default: "hello" }) },
  config: ({ cfg }) => ({ environment: { etc: { greet: { text: cfg.text } } } }),
});
`;
/** One in Nix beside one in TypeScript; the home-manager is a small one of the tests' own. */
const homes = `homes: {
    "me@crown": home({ from: 'homeConfigurations."me@crown"', system: "x86_64-linux" }),
    "you@crown": home({ home: { username: "you", file: { ".greeting": { text: "from TypeScript" } } } }),
  },`;
const flakeWithHomes = flakeText
  .replace('"NIXPKGS";', '"NIXPKGS";\n  inputs.home-manager.url = "HOME-MANAGER";')
  .replace(
    "nixosModules.motd",
    `homeConfigurations."me@crown" = inputs.home-manager.lib.homeManagerConfiguration {
        inherit pkgs;
        modules = [ { home.username = "me"; home.file.".greeting".text = "by hand"; } ];
      };
      nixosModules.motd`,
  );

const config = fleetText({
  head: 'import { greet } from "./modules/greet.ts";\n',
  hosts: `opal: host(({ inputs }) => ({
      imports: [greet, nix.path("./modules/web.nix"), inputs.self.nixosModules.motd],
      networking: { hostName: "opal" },
      greet: { text: "from TypeScript" },
    })),`,
  more: `nixosModules: { greet }, ${homes}`,
})
  .replace("containers: {", "containers: {\n    box: container({ instances: { box: {} } }, { imports: [greet] }),")
  .replace(
    "shells: {",
    'shells: { mine: shell(({ pkgs }) => ({ packages: [pkgs.hello], shellHook: "export HELLO=ts" })),',
  );

let flake: ExistingFlake;
let homeManager: TempProject;
const withHomes = (text: string): string => text.replace("HOME-MANAGER", `git+file://${homeManager.root}`);
let evaluation: Evaluation;

beforeAll(async () => {
  homeManager = await tempProject({}, path.resolve(import.meta.dirname, "../incus/home-manager"));
  await makeRepository(homeManager.root);
  flake = await existingFlake({
    ...flakeFiles,
    "flake.nix": withHomes(flakeWithHomes),
    "floe.config.ts": config,
    "modules/greet.ts": greet,
    "hosts/pearl.nix":
      '{ networking.hostName = "pearl"; imports = [ ../nix/modules/greet.nix ]; greet.text = "from Nix"; }\n',
  });
  evaluation = await evaluated();
});
afterAll(async () => {
  await flake?.remove();
  await homeManager?.remove();
});

async function evaluated(): Promise<Evaluation> {
  const fleet = await load(findProject(flake.root), work);
  await writeFlake(fleet, work);
  return evaluate(fleet, allNames(fleet), work);
}

async function built(name: string): Promise<string> {
  const made = evaluation.hosts[name];
  if (made?.ok !== true) throw new Error(JSON.stringify(made));
  const fleet = await load(findProject(flake.root), work);
  const [outcome] = await build(fleet, [{ name, ...made.value }], work);
  expect(outcome).toMatchObject({ ok: true });
  return made.value.outPath;
}

const failures = (made: Evaluation): string[] =>
  [made.hosts, made.images, made.homes ?? {}, made.shells].flatMap((group) =>
    Object.entries(group).flatMap(([name, part]) =>
      part.ok ? [] : [`${name}: ${part.error.file}: ${part.error.message}`],
    ),
  );

test("all of it evaluates together", () => {
  expect(failures(evaluation)).toEqual([]);
  expect(Object.keys(evaluation.hosts).sort()).toEqual(["crown", "opal", "pearl"]);
  expect(Object.keys(evaluation.images).sort()).toEqual(["box", "web"]);
  expect(Object.keys(evaluation.homes ?? {}).sort()).toEqual(["me@crown", "you@crown"]);
  expect(Object.keys(evaluation.shells).sort()).toEqual(["aws", "default", "mine"]);
});

test("a host in TypeScript imports a module in TypeScript, one in Nix, and one that the flake offers", async () => {
  const etc = path.join(await built("opal"), "etc");
  const read = (file: string): string => readFileSync(path.join(etc, file), "utf8");
  expect([read("greet"), read("web"), read("motd")]).toEqual(["from TypeScript", "by hand", "from the flake"]);
});

test("a host in Nix imports a module in TypeScript", async () => {
  expect(readFileSync(path.join(await built("pearl"), "etc/greet"), "utf8")).toBe("from Nix");
});

test("a home in Nix is what nix makes of it, and one in TypeScript has the flake's home-manager", async () => {
  const made = await nix([
    "eval",
    "--raw",
    `path:${flake.root}/.floe/src#homeConfigurations."me@crown".activationPackage.drvPath`,
  ]);
  expect(evaluation.homes?.["me@crown"]).toMatchObject({ value: { drvPath: made } });
});

test("questions about options are answered for both", async () => {
  const fleet = await load(findProject(flake.root), work);
  const values = await askFleet(
    fleet,
    ({ ask }) =>
      ask("machines: builtins.mapAttrs (_: machine: machine.config.environment.etc.greet.text or null) machines"),
    work,
  );
  expect(values).toEqual({
    ok: true,
    value: { crown: null, opal: "from TypeScript", pearl: "from Nix", box: "hello" },
  });
});

test("flake.nix is not written, and the file beside it says how it takes that over", () => {
  const read = (file: string): string => readFileSync(path.join(flake.root, file), "utf8");
  expect(read("flake.nix")).toMatch(/^\{\n {2}description = "systems by hand";/);
  expect(read("nix/fleet.nix").split("\n")[2]).toBe(
    "#   nixosConfigurations = { ... } // (import ./nix/fleet.nix inputs).nixosConfigurations;",
  );
});

test("with that line nix knows the hosts as well, and makes the same of them", async () => {
  const line = "} // (import ./nix/fleet.nix inputs).nixosConfigurations;\n      packages.";
  await flake.write("flake.nix", withHomes(flakeWithHomes).replace(/\};\n {6}packages\./, line));
  await flake.commit();
  const made = await evaluated();
  expect(failures(made)).toEqual([]);
  for (const name of ["crown", "opal", "pearl"])
    expect(made.hosts[name]).toMatchObject({ value: { drvPath: await drvPathOf(flake.root, name) } });
  const image = await nix([
    "eval",
    "--raw",
    `git+file://${flake.root}#nixosConfigurations.box.config.system.build.squashfs.drvPath`,
  ]);
  expect(made.images["box"]).toMatchObject({ value: { rootfs: { drvPath: image } } });
});

test("one name in both, without that line, is an error of that machine alone", async () => {
  await flake.write(
    "flake.nix",
    withHomes(flakeWithHomes).replace("pearl = nixos", "opal = nixos [ ];\n        pearl = nixos"),
  );
  expect(failures(await evaluated())).toEqual([
    'opal: floe.config.ts: The name "opal" is described in TypeScript, and flake.nix has nixosConfigurations.opal as well',
  ]);
});
