/** What the reference lists is what there is. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { verbs } from "../../../src/cli/verbs.ts";
import { label } from "../../../src/plan/labels.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const json = read("docs/reference/json.md");
const architecture = read("docs/architecture.md");

test("json.md has a row for every verb, and names every kind of document", () => {
  const firstCells = [...json.matchAll(/^\| (`.*?`) +\|/gm)].map(([, cell = ""]) => cell);
  const rows = new Set(firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name)));
  expect(verbs.map(({ name }) => name).filter((name) => !rows.has(name))).toEqual([]);
  const kinds = readdirSync(path.join(root, "src/cli/actions")).flatMap((file) =>
    [...read(`src/cli/actions/${file}`).matchAll(/(?:writeResult\(\s*\w+,\s*flags,|document\()\s*"([a-z-]+)"/g)].map(
      ([, kind = ""]) => kind,
    ),
  );
  expect(kinds.length).toBeGreaterThan(15);
  expect(kinds.filter((kind) => !json.includes(`\`${kind}\``))).toEqual([]);
});

test("README names every verb", () => {
  const table = /^## Commands[\s\S]*?^Every verb/m.exec(read("README.md"))?.[0] ?? "";
  const missing = verbs.filter(({ name }) => !name.split(" ").every((word) => new RegExp(`\\b${word}\\b`).test(table)));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test("architecture.md has every folder of src/ and every label", () => {
  const folders = readdirSync(path.join(root, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "util")
    .map(({ name }) => name);
  expect(folders.length).toBeGreaterThan(15);
  expect(folders.filter((name) => !architecture.includes(`\`src/${name}/\``))).toEqual([]);
  const labels = Object.values(label).map((key) => key.replace("user.floe.", ""));
  const section = /^## Labels[\s\S]*?(?=^## )/m.exec(architecture)?.[0] ?? "";
  expect(labels.filter((name) => !section.includes(`\`${name}\``) && name !== "fleet")).toEqual([]);
});
