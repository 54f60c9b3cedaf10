import { expect, test } from "vitest";
import type { Container, Fleet, Host } from "../../../src/model/fleet.ts";
import { attrs } from "../../../src/nixlang/build.ts";
import { synthFlake } from "../../../src/synth/synth.ts";

const source = { file: "hosts/x.ts", line: 3, column: 16 };
const module = (file: string) => ({ source, file, expr: attrs([]) });
const host = (name: string): Host => ({
  name,
  source,
  system: "x86_64-linux",
  tags: [],
  health: [],
  module: module(`nix/hosts/${name}.nix`),
});
const container = (name: string): Container => ({
  name,
  source,
  system: "x86_64-linux",
  tags: [],
  instances: {},
  module: module(`nix/containers/${name}.nix`),
});
const fleet: Fleet = {
  name: "test",
  description: "test",
  root: "/project",
  configFile: "floe.config.ts",
  inputs: { nixpkgs: { kind: "url", url: "github:nixos/nixpkgs", follows: {}, flake: true } },
  servers: {},
  hosts: {},
  containers: {},
  shells: {},
  modules: {},
};

test("an empty fleet is a flake without machines", () => {
  expect([...synthFlake({ ...fleet, inputs: {} })]).toEqual([
    [
      "flake.nix",
      `# Written by floe from floe.config.ts; edit that file and run "floe synth".
{
  description = "test";

  outputs = inputs: {
    # What floe asks for, all in one evaluation.
    floe = {
      hosts = { };
      images = { };
      shells = { };
    };
  };
}
`,
    ],
  ]);
});

test("names that collide are refused", () => {
  expect(() =>
    synthFlake({ ...fleet, containers: { web: container("web"), "web-metadata": container("web-metadata") } }),
  ).toThrow('Container "web-metadata" has the name of the metadata of "web"');
  expect(() => synthFlake({ ...fleet, hosts: { x: host("x") }, modules: { m: module("nix/hosts/x.nix") } })).toThrow(
    'Two definitions would be written as "nix/hosts/x.nix"',
  );
});

test("a fleet with machines needs an input nixpkgs", () => {
  expect(() => synthFlake({ ...fleet, inputs: {}, hosts: { x: host("x") } })).toThrow(
    'The fleet has no input "nixpkgs"',
  );
});

test("the text does not depend on the order of the keys", () => {
  const one = synthFlake({ ...fleet, hosts: { b: host("b"), a: host("a") } });
  expect(one).toEqual(synthFlake({ ...fleet, hosts: { a: host("a"), b: host("b") } }));
});
