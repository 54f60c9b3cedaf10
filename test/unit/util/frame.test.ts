import { expect, test } from "vitest";
import { frame } from "../../../src/util/frame.ts";

const text = "one\ntwo\nthree\n\tfour = 4\nfive\nsix\n";

test("frame() shows two lines either side and a caret", () => {
  expect(frame(text, 3, 3)).toBe(
    ["  1 | one", "  2 | two", "> 3 | three", "    |   ^", "  4 | \tfour = 4", "  5 | five"].join("\n"),
  );
});

test("frame() keeps tabs before the caret", () => {
  expect(frame(text, 4, 2).split("\n")[3]).toBe("    | \t^");
});

test("frame() at the first and last line shows what there is", () => {
  expect(frame(text, 1, 1)).toBe("> 1 | one\n    | ^\n  2 | two\n  3 | three");
  expect(frame(text, 6, 99)).toBe("  4 | \tfour = 4\n  5 | five\n> 6 | six\n    |    ^");
});

test("frame() is empty for a line that is not there", () => {
  expect(frame(text, 99, 1)).toBe("");
  expect(frame(text, 0, 1)).toBe("");
});

test("frame() aligns line numbers of different width and reads CRLF", () => {
  const long = Array.from({ length: 11 }, (_, index) => `line ${index + 1}`).join("\r\n");
  expect(frame(long, 9, 1)).toBe(
    ["   7 | line 7", "   8 | line 8", ">  9 | line 9", "     | ^", "  10 | line 10", "  11 | line 11"].join("\n"),
  );
});
