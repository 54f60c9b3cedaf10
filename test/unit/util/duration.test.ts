import { expect, test } from "vitest";
import { parseDuration } from "../../../src/util/duration.ts";

test.each([
  [250, 250],
  [0, 0],
  ["500ms", 500],
  ["90s", 90_000],
  ["1.5s", 1500],
  ["2m", 120_000],
  ["1h", 3_600_000],
  [" 3 s ", 3000],
])("parseDuration(%j) is %d ms", (value, expected) => {
  expect(parseDuration(value)).toBe(expected);
});

test.each([
  ["90"],
  ["s"],
  ["-1s"],
  ["5 days"],
  ["1s2"],
  [""],
  [-1],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [null],
  [true],
  [undefined],
])("parseDuration(%j) is refused", (value) => {
  expect(parseDuration(value)).toBeUndefined();
});
