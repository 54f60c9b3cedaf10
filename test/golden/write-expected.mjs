// Writes expected/ of every case anew. Run by hand, and read the difference: node test/golden/write-expected.mjs
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createJiti } from "jiti";

const here = import.meta.dirname;
const jiti = createJiti(import.meta.url, { fsCache: false });
const { synthCase } = await jiti.import("../support/golden.ts");

const cases = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name } of cases) {
  const expected = path.join(here, name, "expected");
  rmSync(expected, { recursive: true, force: true });
  for (const [file, text] of await synthCase(name)) {
    mkdirSync(path.dirname(path.join(expected, file)), { recursive: true });
    writeFileSync(path.join(expected, file), text);
  }
}
