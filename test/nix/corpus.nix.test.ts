/** Every part of what can be written in TypeScript, against hand-written Nix: equal derivations on firn. */
import { readdirSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Corpus, type DrvPaths, drvPaths, makeRepository, openCorpus, pairs } from "../support/corpus.ts";
import { run } from "../support/run.ts";
import { firnDir } from "./fixtures/firn/firn.ts";

const containers = pairs("firn", "containers");

const select = `flake: {
  hosts = builtins.mapAttrs (_: host: host.config.system.build.toplevel) (removeAttrs flake.nixosConfigurations containers);
  containers = builtins.listToAttrs (map (name: {
    inherit name;
    value = { inherit (flake.nixosConfigurations.\${name}.config.system.build) squashfs metadata; };
  }) containers);
  homes = builtins.mapAttrs (_: home: home.activationPackage) flake.homeConfigurations;
  inherit (flake) packages checks devShells formatter;
}`;

let corpus: Corpus;
let found: { readonly typescript: DrvPaths; readonly nix: DrvPaths };

beforeAll(async () => {
  corpus = await openCorpus("firn", async (inputs) => {
    await cp(firnDir, path.join(inputs, "firn"), { recursive: true });
    await makeRepository(path.join(inputs, "dotfiles"));
    await run("tar", ["-czf", path.join(inputs, "theme.tar.gz"), "-C", inputs, "theme"]);
  });
  const names = containers.map((name) => JSON.stringify(name)).join(" ");
  found = await drvPaths(corpus, `let containers = [ ${names} ]; in ${select}`);
});
afterAll(() => corpus?.remove());

function expectEqual(key: string): void {
  expect(found.typescript[key], key).toMatch(/^\/nix\/store\/.+\.drv$/);
  expect(found.typescript[key]).toBe(found.nix[key]);
}

describe("equal derivations", () => {
  test.each(pairs("firn", "hosts"))("of the host %s", (name) => expectEqual(`hosts.${name}`));
  test.each(containers)("of the container %s", (name) => {
    expectEqual(`containers.${name}.squashfs`);
    expectEqual(`containers.${name}.metadata`);
  });
  test.each(pairs("firn", "homes"))("of the home %s", (name) => expectEqual(`homes.${name}`));
  test.each(["packages", "checks", "devShells", "formatter"])("of all that is in %s, for both systems", (output) => {
    const keys = Object.keys(found.nix).filter((key) => key.startsWith(`${output}.`));
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) expectEqual(key);
  });
});

test("both flakes say the same inputs, follows and plain files among them", () => {
  const [one, two] = [corpus.typescript, corpus.nix].map((folder) =>
    JSON.parse(readFileSync(path.join(folder, "flake.lock"), "utf8")),
  );
  expect(one).toEqual(two);
  expect(one.nodes["home-manager"].inputs).toEqual({ nixpkgs: ["nixpkgs"] });
  expect(Object.keys(one.nodes.root.inputs)).toEqual(["dotfiles", "home-manager", "nixpkgs", "secrets", "theme"]);
});

test("every machine is its own, so that equality says something", () => {
  const paths = Object.entries(found.nix).filter(([key]) => /^(hosts|homes)\.|\.squashfs$/.test(key));
  expect(new Set(paths.map(([, drv]) => drv)).size).toBe(paths.length);
  // The images come with the machines, and only floe's own outputs are more than the hand wrote.
  const images = /^packages\.x86_64-linux\.(cache|db|named)(-metadata)?$/;
  expect(Object.keys(found.typescript).filter((key) => !images.test(key))).toEqual(Object.keys(found.nix));
});

test("no generated file has `with` or `rec`, which hide where a name is from; but for what a user wrote in Nix", () => {
  const files = readdirSync(path.join(corpus.typescript, "nix"), { recursive: true, encoding: "utf8" });
  const written = files.filter((file) => file.endsWith(".nix") && file !== "hosts/verbatim.nix");
  expect(written.length).toBeGreaterThan(35);
  for (const file of [...written.map((each) => `nix/${each}`), "flake.nix"])
    expect(readFileSync(path.join(corpus.typescript, file), "utf8"), file).not.toMatch(/\bwith [\w.]+;|\brec \{/);
});

test("the compiler takes the whole corpus as it is", async () => {
  const tsc = path.resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
  const settings = path.resolve(import.meta.dirname, "../corpus/tsconfig.json");
  expect(await run(process.execPath, [tsc, "--noEmit", "-p", settings])).toBe("");
});
