import { expect, test } from "vitest";
import { apply, attrs, bind, identifier, lambda, list, path, select, string } from "../../../src/nixlang/build.ts";
import { printExpr, printFile } from "../../../src/nixlang/print.ts";
import type { NixExpr, NixOperator } from "../../../src/nixlang/tree.ts";

const int = (value: number): NixExpr => ({ kind: "int", value });
const op = (left: NixExpr, operator: NixOperator, right: NixExpr): NixExpr => ({
  kind: "binary",
  operator,
  left,
  right,
});
const [a, b, c] = [identifier("a"), identifier("b"), identifier("c")];
const both = attrs([bind("a", int(1)), bind("b", int(2))]);
const long = (letter: string): NixExpr => identifier(letter.repeat(40));

/** Trees and their text: parentheses where Nix needs them, and nowhere else. */
const cases: readonly (readonly [wanted: string, tree: NixExpr])[] = [
  ["a - (b - c)", op(a, "-", op(b, "-", c))],
  ["a - b - c", op(op(a, "-", b), "-", c)],
  ["a ++ b ++ c", op(a, "++", op(b, "++", c))],
  ["(a ++ b) ++ c", op(op(a, "++", b), "++", c)],
  ["(a == b) == c", op(op(a, "==", b), "==", c)],
  ["a && (b || c)", op(a, "&&", op(b, "||", c))],
  ["!a && b", op({ kind: "unary", operator: "!", operand: a }, "&&", b)],
  ["!(a && b)", { kind: "unary", operator: "!", operand: op(a, "&&", b) }],
  ["!(a // b)", { kind: "unary", operator: "!", operand: op(a, "//", b) }],
  ["-a b", { kind: "unary", operator: "-", operand: apply("a", b) }],
  ["-(a + b)", { kind: "unary", operator: "-", operand: op(a, "+", b) }],
  ["a (-1) [\n  (-2)\n  3\n] (b c)", apply("a", int(-1), list([int(-2), int(3)]), apply("b", c))],
  ["a - -1", op(a, "-", int(-1))],
  ["(a b).c", select(apply("a", b), "c")],
  [
    'a."b c".${d}."x${c}"',
    { kind: "select", base: a, keys: ["b c", identifier("d"), { kind: "string", parts: ["x", c] }] },
  ],
  ['a ? b."1"', { kind: "has", base: a, keys: ["b", "1"] }],
  ["f (a.b or c)", apply("f", { kind: "select", base: a, keys: ["b"], fallback: c })],
  ["(a: b) c", apply(lambda("a", b), c)],
  ["a (b: c)", apply("a", lambda("b", c))],
  ["[ ]", list([])],
  ["{ }", attrs([])],
  ["[\n  1\n  [ 2 ]\n]", list([int(1), list([int(2)])])],
  ["[\n  ./a.nix\n  ./b.nix\n]", list([path("./a.nix"), path("./b.nix")])],
  ["{\n  a = 1;\n  b = 2;\n}", both],
  ["{ a.b.c = 1; }", attrs([bind("a", attrs([bind("b", attrs([bind("c", int(1))]))]))])],
  ["rec { a = 1; }", { kind: "attrs", recursive: true, entries: [bind("a", int(1))] }],
  [
    "{\n  x = rec {\n    a = 1;\n  };\n}",
    attrs([bind("x", { kind: "attrs", recursive: true, entries: [bind("a", int(1))] })]),
  ],
  ["{ inherit a; }", attrs([{ kind: "inherit", names: ["a"] }])],
  ['{ inherit (b) a "1"; }', attrs([{ kind: "inherit", from: b, names: ["a", "1"] }])],
  [
    "{\n  a,\n  b ? 1,\n  ...\n}@c:\na",
    {
      kind: "lambda",
      param: { kind: "pattern", names: [{ name: "a" }, { name: "b", fallback: int(1) }], open: true, as: "c" },
      body: a,
    },
  ],
  ["{ }: a", { kind: "lambda", param: { kind: "pattern", names: [], open: false }, body: a }],
  ["if a then b else c", { kind: "if", condition: a, whenTrue: b, whenFalse: c }],
  ["let\n  a = 1;\nin\na", { kind: "let", entries: [bind("a", int(1))], body: a }],
  ["with a; b", { kind: "with", scope: a, body: b }],
  ["[ (with a; b) ]", list([{ kind: "with", scope: a, body: b }])],
  ["a {\n  a = 1;\n  b = 2;\n}", apply("a", both)],
  ["(a {\n  a = 1;\n  b = 2;\n}).c", select(apply("a", both), "c")],
  ["a (b: {\n  a = 1;\n  b = 2;\n})", apply("a", lambda("b", both))],
  ["a {\n  a = 1;\n  b = 2;\n} b", apply("a", both, b)],
  [
    `${"a".repeat(40)}\n++ ${"b".repeat(40)}\n++ ${"c".repeat(40)}`,
    op(long("a"), "++", op(long("b"), "++", long("c"))),
  ],
  ["''say \"hi\"''", string('say "hi"')],
  ['"say \\"hi\\"\'"', string('say "hi"\'')],
  ['" \\"hi\\""', string(' "hi"')],
  ['"\\${a}"', string("${a}")],
  ['"a\\n b"', string("a\n b")],
  ["''\n  a\n''", string("a\n")],
  ["''\n  a\n\n    b ''${c} '''\n''", string("a\n\n  b ${c} ''\n")],
  ['"  a\\n"', string("  a\n")],
  ['"a\\n \\nb\\n"', string("a\n \nb\n")],
  ['"x${a}\\${y}\\$${b}"', { kind: "string", parts: ["x", a, "${y}$", b] }],
];

test.each(cases)("%s", (wanted, tree) => {
  expect(printExpr(tree)).toBe(wanted);
});

test("a file has its header, blank lines between its groups only, and one newline at its end", () => {
  const tree = attrs([
    bind("_file", string("x.ts"), { apart: true }),
    bind("a", int(1)),
    bind("b", int(2)),
    bind("c", both),
    bind("d", int(3), { comment: ["Why."] }),
  ]);
  expect(printFile(lambda("x", tree), { header: ["One", "Two"] })).toBe(`# One
# Two
x: {
  _file = "x.ts";

  a = 1;
  b = 2;

  c = {
    a = 1;
    b = 2;
  };

  # Why.
  d = 3;
}
`);
});

test("raw text is moved to where it stands, and its splices take the form of their place", () => {
  const raw: NixExpr = {
    kind: "raw",
    parts: ["f {\n  a = ", apply("g", b), ";\n  ", string("k"), ' = "x ', a, '";\n  c.', string("d e"), ".e = 1;\n}"],
  };
  expect(printExpr(attrs([bind("x", raw), bind("y", int(1))]))).toBe(`{
  x = f {
    a = (g b);
    k = "x \${a}";
    c."d e".e = 1;
  };
  y = 1;
}`);
});

test.each([
  [2 ** 60, "not exact"],
  [2n ** 63n, "does not fit in 64 bits"],
  [-(2n ** 63n) - 1n, "does not fit in 64 bits"],
])("the integer %s is refused", (value, why) => {
  expect(() => printExpr({ kind: "int", value })).toThrow(why);
});

test.each([NaN, Infinity, -Infinity, 5e-324])("the float %s is refused", (value) => {
  expect(() => printExpr({ kind: "float", value })).toThrow("Cannot write");
});

test("a name with a reference is quoted, also where text would be written as ''...''", () => {
  const key: NixExpr = { kind: "string", parts: ['say "', a, '"'] };
  expect(printExpr(attrs([{ kind: "binding", keys: [key], value: key }]))).toBe(
    `{ "say \\"\${a}\\"" = ''say "\${a}"''; }`,
  );
});
