import { describe, expect, test } from "vitest";
import { attrs, bind, identifier, lambda, list, select, string } from "../../../src/nixlang/build.ts";
import type { NixExpr } from "../../../src/nixlang/tree.ts";
import { checkLiterals } from "../../../src/types/check-literals.ts";
import type { OptionNode, TypeNode } from "../../../src/types/dump.ts";

const port: TypeNode = {
  kind: "unsignedInt16",
  description: "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
};
const path: TypeNode = { kind: "path" };
const name: TypeNode = { kind: "strMatching", pattern: "[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?" };
const option = (type: TypeNode): OptionNode => ({ type });
const options: Record<string, OptionNode> = {
  port: option(port),
  maybe: option({ kind: "nullOr", elem: port }),
  ports: option({ kind: "listOf", elem: port, nonEmpty: true }),
  path: option(path),
  relative: option({ kind: "path", relative: true }),
  name: option(name),
  mixed: option({
    kind: "either",
    left: port,
    right: { kind: "either", left: path, right: { kind: "enum", values: ["auto"] } },
  }),
  sites: option({ kind: "attrsOf", elem: { kind: "submodule", options: { root: option(path) } } }),
  group: { options: { inner: option({ kind: "positiveInt", description: "positive integer, meaning >0" }) } },
  broken: { hole: "no" },
};

const int = (value: number): NixExpr => ({ kind: "int", value });
const wrap = (fn: string, ...args: NixExpr[]): NixExpr => ({ kind: "apply", fn: select("lib", fn), args });
const source = { file: "hosts/crown.ts", line: 3, column: 1 };

function messages(entries: Readonly<Record<string, NixExpr>>): string[] {
  const expr = attrs(Object.entries(entries).map(([key, value]) => bind(key, value)));
  return checkLiterals(options, { subject: "host crown", source, expr: lambda("lib", expr) }).map(
    ({ message }) => message,
  );
}

describe("finds", () => {
  test.each<[string, Record<string, NixExpr>, string]>([
    ["a port out of range", { port: int(70000) }, '"port" is 70000, and must be 0 to 65535'],
    ["a negative port", { maybe: int(-1) }, '"maybe" is -1, and must be 0 to 65535'],
    ["a fraction", { port: { kind: "float", value: 1.5 } }, '"port" is 1.5, and must be an integer'],
    ["an element", { ports: list([int(1), int(65536)]) }, '"ports" is 65536, and must be 0 to 65535'],
    ["an empty list", { ports: list([]) }, '"ports" is an empty list, and must not be'],
    ["a relative path", { path: string("etc/x") }, '"path" is "etc/x", which is no absolute path'],
    ["text that does not match", { name: string("a b") }, `"name" is "a b", which does not match ${name.pattern}`],
    [
      "a value in a wrapper",
      { port: wrap("mkIf", identifier("c"), wrap("mkForce", int(-5))) },
      '"port" is -5, and must be 0 to 65535',
    ],
    [
      "a value that mkMerge joins",
      { port: wrap("mkMerge", list([int(1), wrap("mkDefault", int(-1))])) },
      '"port" is -1, and must be 0 to 65535',
    ],
    [
      "a value in a submodule",
      { sites: attrs([bind("a.org", attrs([bind("root", string("www"))]))]) },
      '"sites."a.org".root" is "www", which is no absolute path',
    ],
    [
      "a value in a submodule that is a function",
      { sites: attrs([bind("a", lambda("x", attrs([bind("root", string("www"))])))]) },
      '"sites.a.root" is "www", which is no absolute path',
    ],
    ["a value in a group", { group: attrs([bind("inner", int(0))]) }, '"group.inner" is 0, and must be at least 1'],
    ["what no alternative takes", { mixed: int(70000) }, '"mixed" is 70000, and must be 0 to 65535'],
    ["a definition below config", { config: attrs([bind("port", int(-1))]) }, '"port" is -1, and must be 0 to 65535'],
  ])("%s", (_, entries, message) => {
    expect(messages(entries)).toEqual([message]);
  });

  test("a value at a dotted path", () => {
    const expr = attrs([bind(["sites", "a", "root"], string("x")), bind(["group", "inner"], int(0))]);
    expect(checkLiterals(options, { subject: "host crown", source, expr })).toHaveLength(2);
  });
});

describe("leaves alone", () => {
  test.each<[string, Record<string, NixExpr>]>([
    [
      "what fits",
      {
        port: int(22),
        maybe: { kind: "null" },
        path: string("/etc"),
        name: string("crown"),
        ports: list([int(1)]),
        relative: string("x"),
      },
    ],
    ["what one alternative takes", { mixed: string("auto") }],
    ["an absolute path among alternatives", { mixed: string("/x") }],
    [
      "what Nix computes",
      {
        port: select("config", "x"),
        path: { kind: "string", parts: [identifier("a"), "/b"] },
        name: { kind: "string", parts: ["a b ", identifier("a")] },
      },
    ],
    ["unknown options and holes", { nothing: int(-1), broken: int(-1) }],
    ["the options that a module declares", { options: attrs([bind("port", int(-1))]) }],
    ["values of another kind: TypeScript's business", { port: string("x"), path: int(3) }],
  ])("%s", (_, entries) => {
    expect(messages(entries)).toEqual([]);
  });
});

test("a problem names the place of the value, or that of the module", () => {
  const at = { file: "hosts/crown.ts", line: 12, column: 9 };
  const expr = attrs([bind("port", { kind: "int", value: -1, at }), bind("maybe", int(-1))]);
  const [first, second] = checkLiterals(options, { subject: "host crown", source, expr });
  expect(first).toMatchObject({ subject: "host crown", ...at });
  expect(second).toMatchObject({ subject: "host crown", ...source });
});
