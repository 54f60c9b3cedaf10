import { describe, expect, test } from "vitest";
import type { NixModule } from "../../../src/model/nix-module.ts";
import { attrs, bind, lambda, list, path, string } from "../../../src/nixlang/build.ts";
import type { NixEntry } from "../../../src/nixlang/tree.ts";
import { declaringText } from "../../../src/types/declaring.ts";
import { representatives } from "../../../src/types/subject.ts";

const module = (...entries: NixEntry[]): NixModule => ({
  source: { file: "hosts/crown.ts", line: 1, column: 1 },
  file: "nix/hosts/crown.nix",
  expr: lambda("x", attrs(entries)),
});
const imports = (file: string) => bind("imports", list([path(file)]));
const hostName = (name: string) => bind(["networking", "hostName"], string(name));

describe("declaringText()", () => {
  test("is the same for other values of options", () => {
    expect(declaringText(module(imports("./a.nix"), hostName("a")))).toBe(
      declaringText(module(imports("./a.nix"), hostName("b"))),
    );
  });
  test("differs for other imports, options, packages and for home-manager", () => {
    const texts = [
      module(),
      module(imports("./a.nix")),
      module(imports("./b.nix")),
      module(bind("options", attrs([]))),
      module(bind("nixpkgs", attrs([]))),
      module(bind("home-manager", attrs([]))),
    ].map((each) => declaringText(each));
    expect(new Set(texts).size).toBe(texts.length);
  });
  test("is the same for files that declare nothing, and import the same of nixpkgs", () => {
    const plain = (device: string) =>
      `{ lib, modulesPath, ... }: { imports = [ (modulesPath + "/not-detected.nix") ]; fileSystems."/".device = "${device}"; }`;
    const files: Readonly<Record<string, string>> = {
      "./a.nix": plain("a"),
      "./b.nix": plain("b"),
      "./other.nix": plain("a").replace("not-detected", "qemu"),
      "./own.nix": "{ lib, ... }: { options.a = lib.mkOption { }; }",
      "./more.nix": "{ imports = [ ./own.nix ]; }",
      "./packages.nix": "{ nixpkgs.overlays = [ ]; }",
    };
    const textOf = (file: string) => declaringText(module(imports(file)), (name) => files[name]);
    expect(textOf("./a.nix")).toBe(textOf("./b.nix"));
    expect(new Set(Object.keys(files).map(textOf)).size).toBe(5);
  });
  test("is the whole module where its form is not known", () => {
    const expr = lambda("x", { kind: "apply", fn: { kind: "identifier", name: "f" }, args: [string("a")] });
    expect(declaringText({ ...module(), expr })).toContain('f "a"');
  });
});

test("representatives() names one machine for each set of modules", () => {
  expect(
    representatives([
      { kind: "host", name: "b", declaring: "x" },
      { kind: "container", name: "a", declaring: "x" },
      { kind: "host", name: "c", declaring: "y" },
      { kind: "home", name: "me", declaring: "x" },
    ]),
  ).toMatchObject([
    { name: "a", like: ["b"] },
    { name: "c", like: [] },
    { name: "me", like: [] },
  ]);
});
