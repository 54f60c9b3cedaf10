/** What floe writes is what nixfmt leaves, wherever there is a nixfmt: `FLOE_NIXFMT` names it, or it is on the PATH. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { printFile } from "../../src/nixlang/print.ts";
import type { NixEntry, NixExpr } from "../../src/nixlang/tree.ts";
import { generatedFiles } from "../support/corpus.ts";
import { expectedFiles, goldenCases } from "../support/golden.ts";
import { randomNumbers } from "../support/nasty-text.ts";
import { tempProject } from "../support/temp-project.ts";

const nixfmt = process.env["FLOE_NIXFMT"] ?? "nixfmt";
const hasNixfmt = spawnSync(nixfmt, ["--version"]).status === 0;
if (!hasNixfmt)
  console.warn("!! Formatting is NOT compared with nixfmt: there is none on the PATH, and FLOE_NIXFMT names none");

/** The texts after nixfmt has been over them. */
async function formatted(texts: readonly string[]): Promise<string[]> {
  const project = await tempProject(Object.fromEntries(texts.map((text, index) => [`${index}.nix`, text])));
  try {
    const files = texts.map((_, index) => `${project.root}/${index}.nix`);
    expect(spawnSync(nixfmt, files, { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    return files.map((file) => readFileSync(file, "utf8"));
  } finally {
    await project.remove();
  }
}

test.skipIf(!hasNixfmt)("the golden files", async () => {
  const texts = goldenCases.flatMap((name) => [...expectedFiles(name).values()]);
  expect(await formatted(texts)).toEqual(texts);
});

test.skipIf(!hasNixfmt)("the corpus", async () => {
  const texts = (await Promise.all(["firn", "nixpkgs", "home-manager"].map(generatedFiles))).flat();
  expect(texts.length).toBeGreaterThan(60);
  expect(await formatted(texts)).toEqual(texts);
});

test.skipIf(!hasNixfmt)("400 random trees", async () => {
  const random = randomNumbers(20261122);
  const texts = Array.from({ length: 400 }, () => printFile(tree(4, random)));
  expect(new Set(texts).size).toBeGreaterThan(300);
  expect(await formatted(texts)).toEqual(texts);
});

type Random = () => number;

const words = ["a", "pkgs", "lib", "config", "networking", "a-rather-long-identifier", "mkIf", "python3Packages"];
const texts = [
  "",
  "a",
  'say "hi"',
  "one\ntwo\n",
  "#!/bin/sh\nset -eu\n  echo\n\nexit 0\n",
  `long ${"and longer ".repeat(12)}`,
  "a\nb\nc",
];

function tree(depth: number, random: Random): NixExpr {
  const below = (): NixExpr => tree(depth - 1, random);
  const some = (most: number): NixExpr[] => Array.from({ length: Math.floor(random() * most) }, below);
  const leaves: readonly (() => NixExpr)[] = [
    () => ({ kind: "int", value: Math.floor(random() * 9000) - 100 }),
    () => ({ kind: "identifier", name: pick(words, random) }),
    () => ({ kind: "string", parts: [pick(texts, random)] }),
    () => ({ kind: "path", text: "./a.nix" }),
    () => select(random),
  ];
  const branches: readonly (() => NixExpr)[] = [
    () => ({ kind: "list", items: some(5) }),
    () => set(depth, random),
    () => set(depth, random),
    () => ({ kind: "apply", fn: select(random), args: [below(), ...some(3)] }),
    () => ({ kind: "lambda", param: { kind: "name", name: pick(words, random) }, body: below() }),
    () => ({ kind: "lambda", param: pattern(random), body: below() }),
    () => ({ kind: "if", condition: below(), whenTrue: below(), whenFalse: below() }),
    () => ({
      kind: "binary",
      operator: pick(["//", "++", "+", "&&", "==", "-"], random),
      left: below(),
      right: below(),
    }),
    () => ({ kind: "unary", operator: "!", operand: below() }),
    () => ({ kind: "select", base: below(), keys: [pick(words, random)], fallback: below() }),
    () => ({ kind: "let", entries: [{ kind: "binding", keys: ["v"], value: below() }], body: below() }),
    () => ({ kind: "string", parts: ["pre ", below(), " post"] }),
    () => ({ kind: "string", parts: ["pre\n  ", below(), " post\n", below(), "\nend\n"] }),
  ];
  return pick(depth <= 0 ? leaves : [...leaves, ...branches], random)();
}

function select(random: Random): NixExpr {
  const keys = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(words, random));
  return { kind: "select", base: { kind: "identifier", name: pick(words, random) }, keys };
}

function set(depth: number, random: Random): NixExpr {
  const entries = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, index): NixEntry => {
    const name = `k${index}`;
    const kind = random();
    if (kind < 0.1)
      return {
        kind: "inherit",
        from: select(random),
        names: Array.from({ length: 1 + Math.floor(random() * 5) }, (_, each) => `i${index}-${each}`),
      };
    if (kind < 0.2) return { kind: "binding", keys: [name], value: { kind: "identifier", name } };
    return { kind: "binding", keys: kind < 0.3 ? [name, "net.ipv4"] : [name], value: tree(depth - 1, random) };
  });
  return { kind: "attrs", entries };
}

function pattern(random: Random): Extract<NixExpr, { kind: "lambda" }>["param"] {
  const names = ["one", "two", "three"].slice(0, 1 + Math.floor(random() * 3)).map((name) => ({ name }));
  return { kind: "pattern", names, open: random() < 0.7 };
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T;
}
