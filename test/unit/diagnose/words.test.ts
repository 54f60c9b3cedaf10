import { expect, test } from "vitest";
import { elementText, enumHint, optionText, toldText, wantedText } from "../../../src/diagnose/words.ts";

test.each([
  ["string", "a string"],
  [
    "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
    "a 16 bit unsigned integer; between 0 and 65535 (both inclusive)",
  ],
  ["8 bit unsigned integer", "an 8 bit unsigned integer"],
  ["attribute set of string", "an attribute set of string"],
  ['one of "yes", "no"', 'one of "yes", "no"'],
  ["null or signed integer", "null or a signed integer"],
  ["null or one of 1, 2", "null or one of 1, 2"],
  ['strings concatenated with "\\n"', 'strings concatenated with "\\n"'],
])("wantedText(%s)", (wanted, words) => {
  expect(wantedText(wanted)).toBe(words);
});

test("enumHint() finds the value that was meant", () => {
  expect(enumHint('null or one of "always", "on-failure", "no"', '"allways"')).toBe('Did you mean "always"?');
  expect(enumHint('one of "a"', '"something else"')).toBeUndefined();
  expect(enumHint("string", "42")).toBeUndefined();
});

test("optionText() and elementText() part an option from its element", () => {
  const option = ["services", "a.b", "<name>", "list", "[definition 1-entry 3]"];
  expect(optionText(option)).toBe('services."a.b".<name>.list');
  expect(elementText(option)).toBe("element 3");
});

test("toldText() keeps short values", () => {
  expect(toldText("{\n  x = 1;\n}")).toBe("{ x = 1; }");
  expect(toldText("x".repeat(80))).toBeUndefined();
});
