/**
 * Third-party modules and homes: typed by a whole project on a real nixpkgs and a real home-manager, where checkouts of both are at hand. The home-manager
 * of the time of nixpkgs 20.09 fits that.
 */
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProject, type GeneratedTypes, load, refreshTypes, writeFlake } from "../../src/pipeline.ts";
import { nixpkgsUrl } from "../support/nixpkgs.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { compile, type Mistake, typedProject } from "./types-project.ts";

const nixpkgs = nixpkgsUrl();
const homeManager = process.env["FLOE_HOME_MANAGER"];
const isReady = nixpkgs !== undefined && homeManager !== undefined;
if (!isReady)
  process.stderr.write(
    "skipped: types of home-manager; set FLOE_NIXPKGS and FLOE_HOME_MANAGER to checkouts of the same time\n",
  );

/** home-manager as releases since 2022 offer it, from an older one too. */
const flake = `{
  outputs = inputs: {
    nixosModules.home-manager = import ./nixos;
    lib.homeManagerConfiguration = { pkgs, modules, extraSpecialArgs ? { } }:
      import ./modules { inherit pkgs; check = false; configuration = { imports = modules; _module.args = extraSpecialArgs; }; };
  };
}`;

const files = (url: string): Readonly<Record<string, string>> => ({
  "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({
  inputs: { nixpkgs: "${url}", "home-manager": dir("./home-manager"), third: dir("./third") },
  hosts: dir("./hosts"), homes: dir("./homes"),
});`,
  "third/flake.nix": `{
  outputs = inputs: {
    nixosModules.default = { lib, ... }: {
      options.services.third = {
        enable = lib.mkEnableOption "a service of somebody else";
        level = lib.mkOption { type = lib.types.enum [ "low" "high" ]; default = "low"; description = "How much of it."; };
      };
    };
  };
}`,
  "hosts/crown.ts": `import { host } from "floe";
export default host({ system: "x86_64-linux" }, ({ inputs }) => ({
  imports: [inputs.third.nixosModules.default],
  services: { third: { enable: true, level: "high" } },
  "home-manager": { users: { me: { programs: { git: { enable: true, userName: "Me" } } } } },
}));
`,
  "homes/me.ts": `import { home } from "floe";
export default home({ system: "x86_64-linux" }, { home: { username: "me", homeDirectory: "/home/me", stateVersion: "20.09" }, programs: { git: { userName: "Me" } } });
`,
});

let project: TempProject;
let result: GeneratedTypes;
const work = { emit: () => {}, signal: new AbortController().signal };

beforeAll(async () => {
  if (!isReady) return;
  project = await tempProject(files(nixpkgs));
  cpSync(homeManager, path.join(project.root, "home-manager"), { recursive: true });
  rmSync(path.join(project.root, "home-manager/.git"), { recursive: true, force: true });
  await project.write("home-manager/flake.nix", flake);
  await typedProject(project);
  const fleet = await load(findProject(project.root), work);
  await writeFlake(fleet, work);
  result = await refreshTypes(fleet, {}, work);
}, 300_000);
afterAll(() => project?.remove());

/** What the compiler says of a file with a body, places only; `§` in it is taken out, and is where the mistakes must be. */
async function check(file: string, source: string): Promise<{ readonly found: Mistake[]; readonly marks: string[] }> {
  const marks = source
    .split("\n")
    .flatMap((line, row) =>
      [...line.matchAll(/§/g)].map(({ index }, before) => `${row + 1}:${(index ?? 0) + 1 - before}`),
    );
  await project.write(file, source.replaceAll("§", ""));
  const found = await compile(project.root);
  await project.write(file, files("")[file] ?? "export {};");
  return { found, marks };
}
const place = ({ line, column }: Mistake) => `${line}:${column}`;

describe.skipIf(!isReady)("a host with somebody else's modules, and homes", () => {
  test("all is read but for the few options that need a package or function that this nixpkgs lacks", () => {
    const [host, home] = result.machines;
    expect(host).toMatchObject({ kind: "host", name: "crown" });
    expect(home).toMatchObject({ kind: "home", name: "me" });
    expect(host?.optionCount).toBeGreaterThan(10_000);
    expect(home?.optionCount).toBeGreaterThan(1_000);
    expect(host?.holes.length).toBeLessThan(5);
    expect(home?.holes.length).toBeLessThan(5);
  });

  test("what is right compiles, with the declarations themselves", async () => {
    expect(await compile(project.root, "--skipLibCheck", "false")).toEqual([]);
  });

  test.each<[string, string, string]>([
    [
      "an option of a third party's module",
      "hosts/crown.ts",
      `host(() => ({ services: { third: { §enabel: true } } }))`,
    ],
    [
      "an enum of a third party's module",
      "hosts/crown.ts",
      `host(() => ({ services: { third: { §level: "hihg" } } }))`,
    ],
    [
      "a home-manager user in a host",
      "hosts/crown.ts",
      `host(() => ({ "home-manager": { users: { me: { programs: { git: { enable: true, §userNmae: "Me" } } } } } }))`,
    ],
    [
      "a home-manager user in a host, as a function",
      "hosts/crown.ts",
      `host(() => ({ "home-manager": { users: { me: ({ pkgs }) => ({ programs: { git: { package: pkgs.git, §userNmae: "Me" } } }) } } }))`,
    ],
    ["a home", "homes/me.ts", `home(() => ({ programs: { git: { §userNmae: "Me" } } }))`],
    ["a home, as attributes", "homes/me.ts", `home({ programs: { git: { §userNmae: "Me" } } })`],
    [
      "a home that reads its config",
      "homes/me.ts",
      `home(({ config }) => ({ home: { username: config.home.§usernam } }))`,
    ],
    ["an option of NixOS in a home", "homes/me.ts", `home(() => ({ §networking: { hostName: "x" } }))`],
    [
      "a module that a host or home imports",
      "modules/git.ts",
      `module("git", ({ config }) => ({ programs: { git: { userName: config.home.username, §userNmae: "Me" } } }))`,
    ],
    [
      "packages of sets",
      "hosts/crown.ts",
      `host(({ pkgs }) => ({ environment: { systemPackages: [pkgs.python3Packages.requests, pkgs.python3Packages.§requets, pkgs.§htopp, pkgs.xorg.§xeye] } }))`,
    ],
  ])("%s", async (_, file, body) => {
    const { found, marks } = await check(file, `import { home, host, module } from "floe";\nexport default ${body};\n`);
    expect(found.map(place)).toEqual(marks);
  });
});
