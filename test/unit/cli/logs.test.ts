import { expect, test } from "vitest";
import { lastLines, newPart } from "../../../src/incus/console-log.ts";
import { journalCommand } from "../../../src/incus/journal.ts";

test.each([
  ["b\n", "a\nb\nc\n", "c\n"],
  ["tick\n", "tick\ntick\n", ""],
  ["a\nb\n", "a\nb\n", ""],
  ["a\nb\n", "x\ny\n", "x\ny\n"],
])("newPart(%j, %j) is what came since: %j", (known, whole, expected) => {
  expect(newPart(known, whole)).toBe(expected);
});

test.each([
  ["a\nb\nc\n", 2, "b\nc\n"],
  ["a\nb\nc", 1, "c"],
  ["a\n", 5, "a\n"],
  ["", 3, ""],
])("the last lines of %j, %i of them: %j", (text, count, expected) => {
  expect(lastLines(text, count)).toBe(expected);
});

test.each([
  [{ follow: false }, "--boot"],
  [{ follow: true }, "--boot --follow --no-tail"],
  [{ follow: true, lines: 5, unit: "nginx" }, "--unit=nginx --lines=5 --follow"],
])("the journal is asked for with %j", (options, expected) => {
  expect(journalCommand(options).slice(2).join(" ")).toBe(expected);
});
