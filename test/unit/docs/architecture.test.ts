import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");

test("docs/architecture.md names every folder of src", () => {
  const text = readFileSync(path.join(root, "docs/architecture.md"), "utf8");
  const named = new Set(
    [...text.matchAll(/^\| (`src\/.+?`(?:, `.+?`)*) +\|/gm)].flatMap(([, cell = ""]) => cell.split(", ")),
  );
  const folders = readdirSync(path.join(root, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `\`src/${name}/\``);
  expect(folders.filter((folder) => !named.has(folder))).toEqual([]);
});
