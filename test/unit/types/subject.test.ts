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
    ].map(declaringText);
    expect(new Set(texts).size).toBe(texts.length);
  });
  test("is the whole module where its form is not known", () => {
    const expr = lambda("x", { kind: "apply", fn: { kind: "identifier", name: "f" }, args: [string("a")] });
    expect(declaringText({ ...module(), expr })).toContain('f "a"');
  });
});

test("representatives() names one machine for each set of modules", () => {
  expect(
    representatives([
      { name: "b", declaring: "x" },
      { name: "a", declaring: "x" },
      { name: "c", declaring: "y" },
    ]),
  ).toEqual(["a", "c"]);
});
