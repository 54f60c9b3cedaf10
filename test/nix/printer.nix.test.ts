import { afterAll, beforeAll, expect, test } from "vitest";
import { sh } from "../../src/authoring/text.ts";
import { attrs, bind, identifier, list, string } from "../../src/nixlang/build.ts";
import { printExpr, printFile } from "../../src/nixlang/print.ts";
import type { NixExpr, NixOperator } from "../../src/nixlang/tree.ts";
import { expectedFiles, goldenCases } from "../support/golden.ts";
import { nastyLines, nastyText, randomNumbers } from "../support/nasty-text.ts";
import { evalFile, parseFile } from "../support/nix.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

let folder: TempProject;
beforeAll(async () => {
  folder = await tempProject();
});
afterAll(() => folder.remove());

async function evaluate(name: string, expr: NixExpr): Promise<unknown> {
  return evalFile(await folder.write(`${name}.nix`, printFile(expr)));
}

/** Nix compares each value with what it reads from JSON: its own JSON output may round floats. */
async function compareInNix(name: string, trees: readonly NixExpr[], values: readonly unknown[]): Promise<unknown> {
  await folder.write(`${name}.json`, JSON.stringify(values));
  await folder.write(`${name}-values.nix`, printFile(list(trees)));
  const check = `let
  wanted = builtins.fromJSON (builtins.readFile ./${name}.json);
  found = import ./${name}-values.nix;
in builtins.genList (index: builtins.elemAt found index == builtins.elemAt wanted index) (builtins.length wanted)`;
  return evalFile(await folder.write(`${name}-check.nix`, check));
}

/** One value for each entry of `wanted`, compared one by one so that a mismatch shows itself and its notation. */
function expectEqual(found: unknown, wanted: readonly unknown[], trees: readonly NixExpr[]): void {
  const values = found as readonly unknown[];
  expect(values).toHaveLength(wanted.length);
  const wrong = wanted.flatMap((value, index) => {
    const same = JSON.stringify(values[index]) === JSON.stringify(value);
    return same ? [] : [{ wanted: value, found: values[index], printed: printExpr(trees[index] ?? list([])) }];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
}

test("4,000 nasty strings come back from Nix as they were, in both notations", async () => {
  const random = randomNumbers(20261122);
  const texts = Array.from({ length: 4000 }, (_, index) => (index % 2 === 0 ? nastyText(random) : nastyLines(random)));
  const trees = texts.map((text) => string(text));
  const notations = trees.map((tree) => printExpr(tree));
  expect(notations.filter((text) => text.startsWith("''\n")).length).toBeGreaterThan(500);
  expect(notations.filter((text) => text.startsWith("''") && !text.includes("\n")).length).toBeGreaterThan(50);
  expect(notations.filter((text) => text.startsWith('"')).length).toBeGreaterThan(1000);
  expectEqual(await evaluate("strings", list(trees)), texts, trees);
});

test("strings with antiquotations come back as their parts joined", async () => {
  const random = randomNumbers(7);
  const inner = Array.from({ length: 20 }, () => nastyText(random));
  const trees: NixExpr[] = [];
  const wanted: string[] = [];
  for (let index = 0; index < 1500; index++) {
    const number = index % inner.length;
    const make = index % 2 === 0 ? () => nastyText(random, 4) : () => nastyLines(random);
    const texts = [make(), make()];
    const code: NixExpr = index % 3 === 0 ? string(inner[number] ?? "") : identifier(`v${number}`);
    trees.push({ kind: "string", parts: [texts[0] ?? "", code, texts[1] ?? ""] });
    wanted.push(`${texts[0]}${inner[number]}${texts[1]}`);
  }
  const bindings = inner.map((text, index) => bind(`v${index}`, string(text)));
  expectEqual(await evaluate("antiquotations", { kind: "let", entries: bindings, body: list(trees) }), wanted, trees);
});

test("800 attribute names come back as they were", async () => {
  const random = randomNumbers(42);
  const known = [
    "assert",
    "else",
    "if",
    "in",
    "inherit",
    "let",
    "or",
    "rec",
    "then",
    "with",
    "true",
    "null",
    "a-b",
    "a'b",
    "_",
    "1a",
    "-a",
    "a.b",
    "",
    " ",
    "__functor",
  ];
  const names = [...known, ...Array.from({ length: 800 - known.length }, () => nastyText(random, 4))];
  const sets = names.map((name) => attrs([bind(name, attrs([bind(name, string(name)), bind("other", string(""))]))]));
  const selected = sets.map(
    (set, index): NixExpr => ({ kind: "select", base: set, keys: [names[index] ?? "", names[index] ?? ""] }),
  );
  const wanted = names.map((name) => (name === "other" ? undefined : name));
  expectEqual(await evaluate("names", list(selected)), wanted, sets);
});

test("numbers come back as they were", async () => {
  const ints = [0, 1, -1, 2 ** 53 - 1, -(2 ** 53 - 1), 2n ** 63n - 1n, -(2n ** 63n), 10n ** 18n];
  const floats = [1, -1, 0.1, -0.5, 1.5e-7, 1e21, 1.7976931348623157e308, 2.2250738585072014e-308, 123456.789, 1e-10];
  const trees: NixExpr[] = [
    ...ints.map((value): NixExpr => ({ kind: "int", value })),
    ...floats.map((value): NixExpr => ({ kind: "float", value })),
  ];
  const typeOf = (tree: NixExpr): NixExpr => ({ kind: "apply", fn: identifier("builtins.typeOf"), args: [tree] });
  expectEqual(
    await evaluate("number-types", list(trees.map(typeOf))),
    [...ints.map(() => "int"), ...floats.map(() => "float")],
    trees,
  );
  const texts = ints.map(
    (value): NixExpr => ({ kind: "apply", fn: identifier("toString"), args: [{ kind: "int", value }] }),
  );
  expectEqual(await evaluate("ints", list(texts)), ints.map(String), texts);
  const floatTrees = floats.map((value): NixExpr => ({ kind: "float", value }));
  expectEqual(
    await compareInNix("floats", floatTrees, floats),
    floats.map(() => true),
    floatTrees,
  );
});

test("Nix reads operators, calls and selections as the tree has them", async () => {
  const random = randomNumbers(11);
  const trees = Array.from({ length: 1000 }, () => randomTree(random, 4));
  const scope = (body: string) => `{ a, b, c }:\n${body}\n`;
  const printed = await parseFile(await folder.write("operators.nix", scope(printExpr(list(trees)))));
  const bracketed = await parseFile(
    await folder.write("bracketed.nix", scope(`[ ${trees.map(withAllParentheses).join(" ")} ]`)),
  );
  const first = [...printed].findIndex((char, index) => char !== bracketed[index]);
  // The whole is a megabyte: show the first difference.
  expect(printed.slice(first, first + 200)).toBe(bracketed.slice(first, first + 200));
  expect(printed.length).toBe(bracketed.length);
});

test("sh strips indentation exactly as Nix does", async () => {
  const random = randomNumbers(3);
  const texts = Array.from({ length: 1000 }, () => nastyLines(random).replace(/['$\\`]/g, "")).map((text, index) =>
    index % 2 === 0 ? `\n${text}\n  ` : text,
  );
  const file = await folder.write("indentation.nix", `[ ${texts.map((text) => `''${text}''`).join("\n")} ]`);
  const found = (await evalFile(file)) as readonly string[];
  // Node has no line ends but "\n" in template strings.
  const wanted = texts.map((text) => sh({ raw: [text] } as never));
  expect(found.filter((text, index) => text !== wanted[index])).toEqual([]);
});

test.each(goldenCases)("every golden file of %s parses", async (name) => {
  for (const [file, text] of expectedFiles(name)) {
    const written = await folder.write(`${name}/${file}`, text);
    expect(await parseFile(written)).not.toBe("");
  }
});

const operatorNames: readonly NixOperator[] = [
  "->",
  "||",
  "&&",
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "//",
  "+",
  "-",
  "*",
  "/",
  "++",
];

function randomTree(random: () => number, depth: number): NixExpr {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const tree = (): NixExpr => randomTree(random, depth - 1);
  const leaf = (): NixExpr =>
    pick<NixExpr>([
      identifier("a"),
      identifier("b"),
      { kind: "int", value: -2 },
      { kind: "float", value: -1.5 },
      { kind: "int", value: -(2n ** 63n) },
    ]);
  if (depth === 0) return leaf();
  return pick<() => NixExpr>([
    leaf,
    () => ({ kind: "binary", operator: pick(operatorNames), left: tree(), right: tree() }),
    () => ({ kind: "binary", operator: pick(operatorNames), left: tree(), right: tree() }),
    () => ({ kind: "unary", operator: pick(["!", "-"]), operand: tree() }),
    () => ({ kind: "apply", fn: tree(), args: [tree(), tree()] }),
    () => ({ kind: "select", base: tree(), keys: ["x"] }),
    () => ({ kind: "select", base: tree(), keys: ["x"], fallback: tree() }),
    () => ({ kind: "has", base: tree(), keys: ["x"] }),
    () => ({ kind: "lambda", param: { kind: "name", name: "a" }, body: tree() }),
    () => ({ kind: "if", condition: tree(), whenTrue: tree(), whenFalse: tree() }),
    () => list([tree(), tree()]),
    () => attrs([bind("k", tree())]),
  ])();
}

/** The same tree with parentheses around everything, so that no precedence is left to decide. */
function withAllParentheses(expr: NixExpr): string {
  const text = withAllParentheses;
  switch (expr.kind) {
    case "binary":
      return `(${text(expr.left)} ${expr.operator} ${text(expr.right)})`;
    case "unary":
      return `(${expr.operator} ${text(expr.operand)})`;
    case "apply":
      return `(${[expr.fn, ...expr.args].map(text).join(" ")})`;
    case "select":
      // `(a.x).x` and `a.x.x` are two trees to Nix, with one meaning.
      return `(${expr.base.kind === "select" && expr.base.fallback === undefined ? text(expr.base).slice(1, -1) : text(expr.base)}.x${expr.fallback === undefined ? "" : ` or ${text(expr.fallback)}`})`;
    case "has":
      return `(${text(expr.base)} ? x)`;
    case "lambda":
      return `(a: ${text(expr.body)})`;
    case "if":
      return `(if ${text(expr.condition)} then ${text(expr.whenTrue)} else ${text(expr.whenFalse)})`;
    case "list":
      return `[ ${expr.items.map(text).join(" ")} ]`;
    case "attrs":
      return `{ k = ${expr.entries.map((entry) => (entry.kind === "binding" ? text(entry.value) : "")).join("")}; }`;
    default:
      return `(${printExpr(expr)})`;
  }
}
