import { expect, test } from "vitest";
import { parseProblems } from "../../../src/check/types.ts";

test("parseProblems() reads places relative to the project and joins the lines of a message", () => {
  const output = [
    "hosts/crown.ts(4,7): error TS2322: Type 'number' is not assignable to type 'string'.",
    "  Types of property 'a' are incompatible.",
    "/project/floe.config.ts(1,1): error TS2307: Cannot find module 'floe'.",
    "error TS5083: Cannot read file '/tsconfig.json'.",
    "",
  ].join("\n");
  expect(parseProblems(output, "/project")).toEqual([
    {
      subject: "types",
      message: "Type 'number' is not assignable to type 'string'. (TS2322)\nTypes of property 'a' are incompatible.",
      file: "hosts/crown.ts",
      line: 4,
      column: 7,
    },
    { subject: "types", message: "Cannot find module 'floe'. (TS2307)", file: "floe.config.ts", line: 1, column: 1 },
    { subject: "types", message: "Cannot read file '/tsconfig.json'. (TS5083)" },
  ]);
});

test("parseProblems() finds nothing in silence", () => {
  expect(parseProblems("\n", "/project")).toEqual([]);
});
