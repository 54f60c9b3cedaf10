import { expect, test } from "vitest";
import type { FleetDefinition, ShellsDefinition } from "../../../src/authoring/definitions.ts";
import { recogniseDefinition } from "../../../src/authoring/definitions.ts";
import { lxcContainerImport } from "../../../src/authoring/record.ts";
import { recordShells } from "../../../src/authoring/record-flake.ts";
import { printExpr } from "../../../src/nixlang/print.ts";
import { load, record } from "../../support/record.ts";

const host = (body: string) =>
  `import { host, module, nix, fleet, dir } from "floe";\nconst web = module(() => ({}));\nexport default host(${body});`;

test("a module that uses no argument has no head; _file comes first", async () => {
  expect(await record(host("({ pkgs }: any) => ({ a: 1 })"))).toBe('{\n  _file = "hosts/crown.ts";\n\n  a = 1;\n}');
});

test("the head lists what is used, the usual arguments first, also from Nix text", async () => {
  const text = await record(
    host(
      "({ inputs, options, pkgs, config }: any) => ({ a: [pkgs.x, inputs.y, config.z], b: nix`lib.id options.o (other: other.config)` })",
    ),
  );
  expect(text.slice(0, text.indexOf(":"))).toBe("{\n  config,\n  lib,\n  pkgs,\n  inputs,\n  options,\n  ...\n}");
});

test("imports: the context's own first, then modules and paths as seen from the generated file", async () => {
  const text = await record(
    host('({ lib }: any) => ({ imports: [web, nix.path("./a.nix"), nix.path(".."), "x"], a: 1 })'),
    { extraImports: [lxcContainerImport] },
  );
  expect(text).toContain(`  imports = [
    (modulesPath + "/virtualisation/lxc-container.nix")
    ../modules/web.nix
    ../../hosts/a.nix
    ../..
    "x"
  ];`);
});

test("imports that Nix computes are joined to the context's", async () => {
  const text = await record(host("({ lib }: any) => ({ imports: lib.optional(true, web) })"), {
    extraImports: [lxcContainerImport],
  });
  expect(text).toContain(
    'imports = [\n    (modulesPath + "/virtualisation/lxc-container.nix")\n  ]\n  ++ lib.optional true ../modules/web.nix;',
  );
});

test("a body that Nix computes becomes the module's config", async () => {
  expect(await record(host("({ lib }: any) => lib.mkIf(true, { a: 1 })"))).toContain(
    '  _file = "hosts/crown.ts";\n\n  config = lib.mkIf true { a = 1; };',
  );
});

test.each([
  ['nix.path("../../secret")', '"a" refers to the path "../../secret", which leaves the project'],
  ['nix.path("./gone.nix")', '"a" refers to the path "./gone.nix", which does not exist'],
])("%s is refused", async (code, message) => {
  const recording = record(host(`{ a: ${code} }`), { exists: (path) => !path.includes("gone") });
  await expect(recording).rejects.toMatchObject({
    name: "SynthError",
    message,
    at: { file: "hosts/crown.ts", line: 3 },
  });
});

test.each([
  ["[1]", "The module is no attribute set"],
  ["() => undefined as never", "The module is no attribute set"],
  ["() => 'x' as never", "The module is no attribute set"],
])("host(%s) is refused", async (body, message) => {
  await expect(record(host(body))).rejects.toMatchObject({
    name: "SynthError",
    message,
    at: { file: "hosts/crown.ts", line: 3 },
  });
});

const inFlake = {
  root: "/project",
  outputFile: "flake.nix",
  exists: () => true,
  moduleFile: () => "nix/modules/a.nix",
};

test("dev shells are the arguments of mkShell, by name", async () => {
  const made = await load<ShellsDefinition>(
    `import { shells } from "floe";\nexport default shells(({ pkgs, lib }) => ({ default: { packages: [pkgs.jq] }, b: { x: lib.y } }));`,
  );
  const trees = recordShells(made, inFlake);
  expect(Object.entries(trees).map(([name, { body }]) => `${name}: ${printExpr(body)}`)).toEqual([
    "default: { packages = [ pkgs.jq ]; }",
    "b: { x = lib.y; }",
  ]);
});

test("a dev shell can be a whole derivation", async () => {
  const made = await load<ShellsDefinition>(
    `import { shells } from "floe";\nexport default shells(({ pkgs, inputs, system }) => ({ a: pkgs.mkShell.override({ stdenv: pkgs.clangStdenv })({}), b: inputs.x.devShells.$(system).default }));`,
  );
  const trees = recordShells(made, inFlake);
  expect(Object.values(trees).map(({ body, isDerivation }) => [printExpr(body), isDerivation])).toEqual([
    ["pkgs.mkShell.override { stdenv = pkgs.clangStdenv; } { }", true],
    ["inputs.x.devShells.${system}.default", true],
  ]);
});

test("dev shells are given what the flake knows, not what a module is given", async () => {
  const config = await load<ShellsDefinition>(
    `import { shells } from "floe";\nexport default shells(({ config }: any) => ({ a: { x: config.y } }));`,
  );
  expect(() => recordShells(config, inFlake)).toThrow('The dev shells ask for "config", which they are not given');
});

test("a definition knows where it was written", async () => {
  const made = await load<FleetDefinition>(`import { fleet } from "floe";\n\nexport default fleet({\n  inputs: {} });`);
  expect(recogniseDefinition(made)?.source).toMatchObject({ file: "/project/hosts/crown.ts", line: 3 });
  expect([null, 1, "x", {}, () => 1].map(recogniseDefinition)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
