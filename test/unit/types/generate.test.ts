import { describe, expect, test } from "vitest";
import type { OptionDump, OptionNode, TypeNode } from "../../../src/types/dump.ts";
import { generateDeclarations } from "../../../src/types/generate.ts";

const option = (type: TypeNode): OptionNode => ({ type });
const str: TypeNode = { kind: "str" };
const listOf = (elem: TypeNode): TypeNode => ({ kind: "listOf", elem });
const attrsOf = (elem: TypeNode): TypeNode => ({ kind: "attrsOf", elem });
const nullOr = (elem: TypeNode): TypeNode => ({ kind: "nullOr", elem });
const either = (left: TypeNode, right: TypeNode): TypeNode => ({ kind: "either", left, right });
const submodule = (options: Record<string, OptionNode>): TypeNode => ({ kind: "submodule", options });

const dumpOf = (options: Record<string, OptionNode>): OptionDump => ({
  version: 2,
  lock: "",
  homes: {},
  options,
  packages: {
    names: ["hello", "python3", "python3Packages", "system", "7zz"],
    sets: { python3Packages: ["requests"] },
  },
});

/** The declarations of options, without what is the same in every file. */
function generate(options: Record<string, OptionNode>): string {
  const text = generateDeclarations(dumpOf(options))["nixos.d.ts"] ?? "";
  return text.slice(
    text.indexOf('from "floe";\n\n') + 'from "floe";\n\n'.length,
    text.indexOf("\n/** A NixOS module. */"),
  );
}

/** The type of the one option `x`. */
function typeOf(type: TypeNode): string | undefined {
  return /^ {2}x\?: (.*);$/m.exec(generate({ x: option(type) }))?.[1];
}

describe("types", () => {
  test.each<[string, TypeNode, string]>([
    ["bool", { kind: "bool" }, "V<boolean> | undefined"],
    ["int", { kind: "int" }, "V<number> | undefined"],
    [
      "port",
      { kind: "unsignedInt16", description: "16 bit unsigned integer; between 0 and 65535 (both inclusive)" },
      "V<number> | undefined",
    ],
    ["float", { kind: "float" }, "V<number> | undefined"],
    ["lines", { kind: "separatedString", separator: "\n" }, "V<string> | undefined"],
    ["strMatching", { kind: "strMatching", pattern: "a" }, "V<string> | undefined"],
    ["passwdEntry", { kind: "passwdEntry str" }, "V<string> | undefined"],
    ["path", { kind: "path" }, "V<NixPath> | undefined"],
    ["package", { kind: "package" }, "V<NixPackage> | undefined"],
    ["enum", { kind: "enum", values: ["a", 1, true, null] }, 'V<"a" | 1 | true | null> | undefined'],
    ["empty enum", { kind: "enum", values: [] }, "V<never> | undefined"],
    ["enum of sets", { kind: "enum", values: [{ a: 1 }] }, "NixAny"],
    ["enum that cannot be read", { kind: "enum", values: null }, "NixAny"],
    ["list", listOf(str), "V<readonly V<string>[]> | undefined"],
    ["list of anything", listOf({ kind: "raw" }), "V<readonly NixAny[]> | undefined"],
    ["attrs", attrsOf({ kind: "int" }), "V<{ readonly [name: string]: V<number> | undefined }> | undefined"],
    ["null or", nullOr(str), "V<null | string> | undefined"],
    ["either, flat", either(str, either({ kind: "int" }, { kind: "lines" })), "NixAny"],
    ["either, once each", either(str, either({ kind: "int" }, str)), "V<string | number> | undefined"],
    ["coerced", { kind: "coercedTo", elem: str, from: { kind: "int" } }, "V<string | number> | undefined"],
    ["coerced, old", { kind: "coercedTo", elem: str }, "NixAny"],
    ["unique", { kind: "unique", elem: str }, "V<string> | undefined"],
    ["function", { kind: "functionTo", elem: str }, "V<((argument: Expr) => V<string>)> | undefined"],
    ["unknown", { kind: "systemd option" }, "NixAny"],
    ["cut", { kind: "submodule", cut: true }, "NixAny"],
    [
      "tagged",
      { kind: "attrTag", tags: { a: option(str), b: { hole: "no" } } },
      "V<{ readonly a: V<string> } | { readonly b: NixAny }> | undefined",
    ],
    ["submodule", submodule({ y: option(str) }), "Sub<X> | undefined"],
    ["null or submodule", nullOr(submodule({ y: option(str) })), "Sub<null | X> | undefined"],
    ["names of JavaScript", { kind: "constructor" }, "NixAny"],
  ])("%s", (_, type, expected) => {
    expect(typeOf(type)).toBe(expected);
  });
});

test("one interface a group and a submodule, named after its path, with what an editor shows", () => {
  const text = generate({
    services: {
      options: {
        nginx: {
          options: {
            enable: {
              type: { kind: "bool" },
              description: "Whether to enable <literal>nginx</literal>.",
              default: "false",
              declared: "nginx.nix",
              line: 3,
            },
            "virtual-hosts": {
              type: attrsOf(submodule({ root: option(nullOr({ kind: "path" })) })),
              description: "Ends the comment: */",
            },
            port: {
              type: {
                kind: "unsignedInt16",
                description: "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
              },
              default: "80",
              readOnly: true,
            },
          },
        },
      },
    },
  });
  expect(text).toMatchInlineSnapshot(`
    "export interface Services_Nginx_VirtualHosts {
      root?: V<null | NixPath> | undefined;
    }

    export interface Services_Nginx {
      /**
       * Whether to enable \`nginx\`.
       *
       * Default: \`false\`. Declared in \`nginx.nix:3\`.
       */
      enable?: V<boolean> | undefined;
      /** Ends the comment: *\\/ */
      "virtual-hosts"?: V<{ readonly [name: string]: Sub<Services_Nginx_VirtualHosts> | undefined }> | undefined;
      /** Read-only. A number: 0 to 65535. Default: \`80\`. */
      port?: V<number> | undefined;
    }

    export interface Services {
      nginx?: V<Services_Nginx> | undefined;
    }

    /** All options, as a configuration sets them. */
    export interface Nixos {
      services?: V<Services> | undefined;
    }
    "
  `);
});

test("what looks the same is declared once", () => {
  const unit = submodule({ script: option(str) });
  const text = generate({ a: option(unit), b: { options: { c: option(attrsOf(unit)) } } });
  expect(text.match(/interface \w+/g)).toEqual(["interface A", "interface B", "interface Nixos"]);
  expect(text).toContain("c?: V<{ readonly [name: string]: Sub<A> | undefined }>");
});

test("paths that come to one name get numbers", () => {
  const text = generate({
    "a-b": option(submodule({ x: option(str) })),
    a: { options: { B: option(submodule({ y: option(str) })) } },
  });
  expect(text.match(/interface \w+/g)).toEqual(["interface AB", "interface A_B", "interface A", "interface Nixos"]);
  const same = generate({ "a-b": option(submodule({ x: option(str) })), aB: option(submodule({ y: option(str) })) });
  expect(same.match(/interface \w+/g)).toEqual(["interface AB", "interface AB_2", "interface Nixos"]);
});

test("a type inside itself gets a name", () => {
  const json = nullOr(either(either({ kind: "bool" }, listOf({ kind: "up", up: 4 })), attrsOf({ kind: "up", up: 3 })));
  expect(generate({ app: { options: { settings: option(json) } } })).toContain(
    "export type App_Settings = null | boolean | readonly V<App_Settings>[] | { readonly [name: string]: V<App_Settings> | undefined };",
  );
  const tree = submodule({ children: option(attrsOf({ kind: "up", up: 2 })) });
  expect(generate({ tree: option(tree) })).toContain(
    "children?: V<{ readonly [name: string]: Sub<Tree> | undefined }>",
  );
});

test("a user of home-manager has the interface Home, and submodules that are modules have imports", () => {
  const user: TypeNode = { ...submodule({ home: { options: { stateVersion: option(str) } } }), isModule: true };
  const text = generate({ "home-manager": { options: { users: option(attrsOf(user)) } } });
  expect(text).toContain("export interface Home extends ModuleParts<Home> {");
});

test("an open submodule takes any name", () => {
  expect(generate({ x: option({ ...submodule({ y: option(str) }), freeform: { kind: "anything" } }) })).toContain(
    "  readonly [name: string]: NixAny;\n",
  );
});

test("a hole is untyped and says why", () => {
  expect(generate({ x: { hole: "it cannot be evaluated" } })).toContain(
    "/** Untyped: it cannot be evaluated. */\n  x?: NixAny;",
  );
});

test("packages by name, sets and those who choose from them", () => {
  expect(generateDeclarations(dumpOf({}))["packages.d.ts"]).toMatchInlineSnapshot(`
    "// Written by "floe types" from the options and packages of this project's nixpkgs. Changes are lost.
    import type { Expr, Pkg } from "floe";

    /** What is made with some packages of a set. */
    interface Chooser<Set> {
      withPackages(choose: (packages: Set) => readonly unknown[] | Expr): Pkg;
    }

    export interface Packages_Python3Packages {
      requests: Pkg;
    }

    /** The packages and functions of nixpkgs. */
    export interface Packages {
      hello: Pkg;
      python3: Pkg & Chooser<Packages_Python3Packages>;
      python3Packages: Packages_Python3Packages;
      system: Expr;
      "7zz": Pkg;
    }
    "
  `);
});

test("packages whose names are not known are untyped", () => {
  const dump: OptionDump = { ...dumpOf({}), packages: { names: [], sets: {} } };
  expect(generateDeclarations(dump)["packages.d.ts"]).toContain("export type Packages = Expr;");
});
