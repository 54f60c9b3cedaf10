/** What people read: descriptions, ranges. */
import { describe, expect, test } from "vitest";
import { plainDescription } from "../../../src/types/doc-comment.ts";
import { rangeOf } from "../../../src/types/ranges.ts";

describe("plainDescription()", () => {
  test.each([
    ["  plain \n", "plain"],
    [
      'See <xref linkend="opt-services.nginx.enable"/> &amp; <option>a.b</option>.',
      "See `services.nginx.enable` & `a.b`.",
    ],
    ["See {option}`a.b` and {file}`/etc/x`.", "See `a.b` and `/etc/x`."],
    ["<para>One.</para>\n\n\n\n<para>Two.</para>", "One.\n\nTwo."],
    ["  a\n    b", "a\nb"],
    ["`x < y` stays", "`x < y` stays"],
  ])("%j", (text, plain) => {
    expect(plainDescription(text)).toBe(plain);
  });
});

describe("rangeOf()", () => {
  test.each<[string, string, unknown]>([
    ["unsignedInt16", "16 bit unsigned integer; between 0 and 65535 (both inclusive)", { min: 0, max: 65535 }],
    ["signedInt8", "8 bit signed integer; between -128 and 127 (both inclusive)", { min: -128, max: 127 }],
    ["intBetween", "integer between 1 and 5 (both inclusive)", { min: 1, max: 5 }],
    ["positiveInt", "positive integer, meaning >0", { min: 1 }],
    ["unsignedInt", "unsigned integer, meaning >=0", { min: 0 }],
    ["numberPositive", "positive integer or floating point number, meaning >0", { min: 0, isOpen: true }],
    ["numberBetween", "integer or floating point number between 0.5 and 2.5 (both inclusive)", { min: 0.5, max: 2.5 }],
    ["int", "signed integer", undefined],
    ["str", "string, meaning >0", undefined],
  ])("%s", (kind, description, range) => {
    expect(rangeOf({ kind, description })).toEqual(range);
  });
});
