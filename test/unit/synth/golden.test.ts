import { expect, test } from "vitest";
import { expectedFiles, goldenCases, synthCase } from "../../support/golden.ts";

// The expected files are written by hand of test/golden/write-expected.mjs, never by this test.
test.each(goldenCases)("the project %s becomes its expected files, to the byte, every time", async (name) => {
  const first = await synthCase(name);
  expect([...first.keys()]).toEqual([...expectedFiles(name).keys()]);
  for (const [file, text] of expectedFiles(name)) expect(first.get(file), file).toBe(text);
  expect(await synthCase(name)).toEqual(first);
});
