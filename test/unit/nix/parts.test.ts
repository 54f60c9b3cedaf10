import { expect, test } from "vitest";
import { partHashes, pathsInText } from "../../../src/nix/parts.ts";
import { tempProject } from "../../support/temp-project.ts";

const own = { "hosts/a": "nix/hosts/a.nix", "hosts/b": "nix/hosts/b.nix" };
const plain = {
  "flake.nix": "{ hosts.a = [ ./nix/hosts/a.nix ]; hosts.b = [ ./nix/hosts/b.nix ]; }",
  "nix/hosts/a.nix": "{ imports = [ ../modules/web.nix ]; }",
  "nix/hosts/b.nix": "{ }",
  "nix/modules/web.nix": "{ lib, ... }: { }",
  "hosts/a.ts": "a",
};

/** The parts that are new after a change, of a project with these files beside the plain ones. */
async function changedBy(change: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  const hashes = async (texts: Readonly<Record<string, string>>) => {
    const project = await tempProject(texts);
    try {
      const files = Object.fromEntries(
        Object.entries(texts).map(([path, text]) => [path, { stamp: "", hash: text, kind: "file" as const }]),
      );
      const hashOf = partHashes(project.root, files, own);
      return (["a", "b"] as const).map((name) => hashOf({ group: "hosts", name }));
    } finally {
      await project.remove();
    }
  };
  const before = await hashes({ ...plain, ...more });
  const after = await hashes({ ...plain, ...more, ...change });
  return ["a", "b"].filter((_, index) => before[index] !== after[index]);
}

test("a machine's own file concerns that machine, TypeScript nobody, and everything else all", async () => {
  expect(await changedBy({ "nix/hosts/a.nix": "{ x = 1; }" })).toEqual(["a"]);
  expect(await changedBy({ "hosts/a.ts": "b" })).toEqual([]);
  for (const file of ["flake.nix", "flake.lock", "nix/modules/web.nix", "notes.txt"])
    expect(await changedBy({ [file]: `{ } # ${file}` })).toEqual(["a", "b"]);
});

test.each([
  ["its file", { "old.nix": "import ./nix/hosts/a.nix" }],
  ["its file, again in flake.nix", { "flake.nix": `${plain["flake.nix"]} ./nix/hosts/a.nix` }],
  ["the folder around it", { "nix/all.nix": "builtins.readDir ./hosts" }],
  ["the project's folder", { "lib/all.nix": "{ src = ../.; }" }],
  ["a computed name", { "old.nix": "name: import ./nix/hosts/${name}.nix" }],
  ["a name of computed parts", { "old.nix": "name: import ./nix/ho${name}" }],
  ["a path without dots in front", { "old.nix": "import nix/hosts/a.nix" }],
  ["a folder with a text added", { "old.nix": 'name: import (./nix + "/hosts/${name}.nix")' }],
  ["a parent", { "old.nix": "import (dirOf ./nix/modules + x)" }],
  ["a parent as text", { "old.nix": 'import (./x + "/../nix/hosts/a.nix")' }],
  ["dots alone", { "old.nix": 'let up = ".."; in up' }],
  ["the place of an attribute", { "old.nix": 'builtins.unsafeGetAttrPos "a" { }' }],
  ["a path as text", { "old.nix": "toString ./x" }],
  ["the store", { "old.nix": "/. + path" }],
  ["a file that looks unlike Nix", { default: "import ./nix/hosts/a.nix" }],
])("another machine's file counts where something may read it: %s", async (_, more) => {
  expect(await changedBy({ "nix/hosts/a.nix": "{ x = 1; }" }, more)).toEqual(["a", "b"]);
});

test("TypeScript counts where it is read", async () => {
  expect(await changedBy({ "hosts/a.ts": "b" }, { "old.nix": "builtins.readFile ./hosts/a.ts" })).toEqual(["a", "b"]);
});

test("paths begin at the folder of their file; those that leave the project mean all of it", () => {
  expect(pathsInText("[ ./a.nix ../b ./. c/d.nix ]", "nix/modules")).toEqual([
    "nix/modules/a.nix",
    "nix/b",
    "nix/modules",
    "nix/modules/c/d.nix",
  ]);
  expect(pathsInText("../../x", "nix")).toEqual(["."]);
  expect(pathsInText("{ lib, ... }: { }", "")).toEqual([]);
});
