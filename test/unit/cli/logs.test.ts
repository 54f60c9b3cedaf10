import { expect, test } from "vitest";
import { newPart } from "../../../src/cli/actions/logs.ts";

test.each([
  ["a\nb\n", "a\nb\nc\n", "c\n"],
  ["", "a\n", "a\n"],
  ["a\nb\n", "a\nb\n", ""],
  ["a\nb\nc\n", "b\nc\nd\n", "d\n"],
  ["a\nb\n", "x\ny\n", "x\ny\n"],
])("newPart(%j, %j) is what came since: %j", (before, now, expected) => {
  expect(newPart(before, now)).toBe(expected);
});
