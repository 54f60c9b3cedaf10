import { describe, expect, onTestFinished, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { type FoundDefinition, findDefinitions, findText, leafPaths } from "../../../src/diagnose/definitions.ts";
import { loadWithPlaces } from "../../../src/diagnose/diagnose.ts";
import { machineModules } from "../../../src/diagnose/modules.ts";
import type { Fleet } from "../../../src/model/fleet.ts";
import { synthFlake } from "../../../src/synth/synth.ts";
import { tempProject } from "../../support/temp-project.ts";

const config = `import { dir, fleet } from "floe";
export default fleet({ inputs: { nixpkgs: "github:nixos/nixpkgs" }, hosts: dir("./hosts") });
`;

async function projectOf(files: Readonly<Record<string, string>>) {
  const project = await tempProject({ "floe.config.ts": config, ...files });
  onTestFinished(() => project.remove());
  return project;
}

/** Where the host `a` defines an option: `FILE:LINE:COLUMN`. */
async function definitionsIn(files: Readonly<Record<string, string>>, ...option: string[]): Promise<string[]> {
  const { root } = await projectOf(files);
  return definitionsOf(await loadWithPlaces(root), option).map(({ at }) => `${at.file}:${at.line}:${at.column}`);
}

function definitionsOf(fleet: Fleet | undefined, option: readonly string[]): FoundDefinition[] {
  return fleet === undefined ? [] : findDefinitions(machineModules(fleet, "a"), option);
}

/** Files without their marks `¦`, and the places of the marks in the order of the files. */
function unmarked(files: Readonly<Record<string, string>>): {
  readonly files: Record<string, string>;
  readonly marks: string[];
} {
  const marks = Object.entries(files).flatMap(([file, text]) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        [...line.matchAll(/¦/g)].map((mark, before) => `${file}:${index + 1}:${mark.index - before + 1}`),
      ),
  );
  return {
    files: Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replaceAll("¦", "")])),
    marks,
  };
}

const inHost = (body: string) => ({
  "hosts/a.ts": `import { host, nix } from "floe";\nexport default host(({ config, lib, pkgs }) => (${body}));\n`,
});

describe("findDefinitions() on an instrumented project", () => {
  test.each([
    ["a nested literal", "{ a: { ¦b: 1 } }"],
    ["a shorthand property", "{ a: ((b: number) => ({ ¦b }))(1) }"],
    ["a quoted key", '{ a: { ¦"b": 1 } }'],
    ["a computed key", '{ a: { ¦["b" as string]: 1 } }'],
    ["a template key that only Nix knows", "{ a: { ¦[`${config.x}`]: 1 } }"],
    ["a spread literal", "{ a: { ...{ ¦b: 1 }, c: 2 } }"],
    ["a spread condition", "{ a: { ...(Math.PI > 3 ? { ¦b: 1 } : {}) } }"],
    ["the last of two", "{ a: { ...{ b: 1 }, ¦b: 2 } }"],
    ["mkIf, mkMerge and mkForce", "{ a: lib.mkIf(config.x, lib.mkMerge([{ ¦b: lib.mkForce(1) }, { ¦b: 2 }])) }"],
    [
      "nix.if, nix.let and nix.update",
      "{ a: nix.let({ x: 1 }, ({ x }) => nix.if(config.y, nix.update({ ¦b: x }, {}), { ¦b: 2 })) }",
    ],
    ["a submodule function", "{ a: ({ name }) => ({ ¦b: name }) }"],
    ["the literal around, where the key was made by a program", "{ ¦a: Object.fromEntries([['b', 1]]) }"],
    ["a value that knows its place, where the key does not", "{ a: Object.fromEntries([['b', ¦{ c: 1 }]]) }"],
    ["config of a whole module", "{ config: { a: { ¦b: 1 } } }"],
  ])("finds %s", async (_name, body) => {
    const { files, marks } = unmarked(inHost(body));
    expect(await definitionsIn(files, "a", "b")).toEqual(marks);
  });

  test("finds the elements of lists, also spread ones", async () => {
    const { files, marks } = unmarked(inHost("{ a: { b: [¦1, ...[2, ¦3],\n  ¦4] } }"));
    const places = await Promise.all(
      [1, 3, 4].map((entry) => definitionsIn(files, "a", "b", `[definition 1-entry ${entry}]`)),
    );
    expect(places.flat()).toEqual(marks);
  });

  test("finds definitions in helper functions, constants and modules of other files", async () => {
    const { files, marks } = unmarked({
      "hosts/a.ts": `import { host } from "floe";\nimport { base, named } from "../modules/base.ts";\nimport { both } from "../lib.ts";\nexport default host({ imports: [base], ...both(named) });\n`,
      "modules/base.ts": `import { module } from "floe";\nexport const named = { ¦b: 1 };\nexport const base = module({ a: { ¦b: 2 } });\n`,
      "lib.ts": `export function both<T extends object>(more: T) {\n  return { a: { ...more } };\n}\n`,
    });
    expect(await definitionsIn(files, "a", "b")).toEqual(marks);
  });

  test("takes a name with dots for several names, as old messages do", async () => {
    const { files, marks } = unmarked(inHost('{ a: { "b.c": { ¦d: 1 } } }'));
    expect(await definitionsIn(files, "a", "b", "c", "d")).toEqual(marks);
  });

  test("tells priorities and conditions", async () => {
    const { root } = await projectOf(
      inHost(
        "{ a: lib.mkMerge([{ b: lib.mkForce(1) }, lib.mkIf(config.x, { b: lib.mkDefault(2) }), { b: lib.mkOverride(7, 3) }, { b: 4 }]) }",
      ),
    );
    const found = definitionsOf(await loadWithPlaces(root), ["a", "b"]);
    expect(found.map(({ priority, conditional }) => [priority, conditional])).toEqual([
      [50, false],
      [1000, true],
      [7, false],
      [100, false],
    ]);
  });

  test("gives the nearest group where there is no such definition", async () => {
    const { root } = await projectOf(inHost("{ a: { c: 1 } }"));
    expect(definitionsOf(await loadWithPlaces(root), ["a", "b"])).toMatchObject([
      { depth: 1, at: { line: 2, column: 51 } },
    ]);
    expect(definitionsOf(await loadWithPlaces(root), ["x"])).toEqual([]);
  });
});

test("an instrumented load gives the same files", async () => {
  const { root } = await projectOf({
    "hosts/a.ts": `import { host, sh } from "floe";
class Plain { static readonly list = [1, , 2].length; }
const { x = [1], ...rest } = { x: undefined, y: 2, get z() { return [3]; }, f() { return { n: [...[1], ...new Set([2])] }; } };
enum Kind { A = 1 }
export default host(({ lib, pkgs }) => ({
  a: { x, rest: rest.z, list: Plain.list, f: rest.f(), k: Kind.A satisfies number as number },
  b: lib.mapAttrs((name: unknown) => ({ name }), { c: sh\`echo \${pkgs.hello}\` }),
  ...[{ d: 1 }][0],
}));
`,
  });
  const instrumented = await loadWithPlaces(root);
  expect(instrumented === undefined ? undefined : synthFlake(instrumented)).toEqual(synthFlake(await loadFleet(root)));
});

test("findText() and leafPaths() look through a module", async () => {
  const { root } = await projectOf({
    "hosts/a.ts": `import { host, nix } from "floe";
export default host(({ config, inputs, lib }) => ({
  networking: { hostName: "a" },
  assertions: [{ assertion: false, message: \`\${config.x} is wrong\` }],
  system: { rev: lib.mkIf(true, inputs.self.rev), raw: nix\`inputs.self.shortRev\`, other: inputs.nixpkgs },
}));
`,
  });
  const [module] = machineModules((await loadWithPlaces(root)) as Fleet, "a");
  if (module === undefined) throw new Error("no module");
  expect(findText(module, "this is wrong")).toMatchObject({ line: 4, column: 36 });
  expect(findText(module, "this is wrong, too")).toBeUndefined();
  expect(leafPaths(module)).toEqual([
    ["networking", "hostName"],
    ["assertions"],
    ["system", "rev"],
    ["system", "raw"],
    ["system", "other"],
  ]);
});
