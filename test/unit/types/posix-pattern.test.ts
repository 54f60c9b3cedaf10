import { describe, expect, test } from "vitest";
import { fromPosix } from "../../../src/types/posix-pattern.ts";

describe("fromPosix()", () => {
  test.each([
    ["[[:alnum:]_-]+", "a_-1", true],
    ["[[:alnum:]_-]+", "a b", false],
    ["[^/{}]+", "a/b", false],
    ["[]a]", "]", true],
    ["[^]a]", "]", false],
    ["[\\]+", "\\", true],
    ["a|b", "ab", false],
    ["^a$", "a", true],
    ["[0-9a-f]+\\$[0-9]{2}", "ff$12", true],
    [".+", "a\nb", true],
  ])("%s on %j", (pattern, text, matches) => {
    expect(fromPosix(pattern)?.test(text)).toBe(matches);
  });
  test.each([["(a)\\1"], ["\\<a\\>"], ["[[:nothing:]]"], ["[[.a.]]"], ["(?:a)"], ["[a"], ["(a"], ["a\\"]])(
    "says nothing of %s",
    (pattern) => {
      expect(fromPosix(pattern)).toBeUndefined();
    },
  );
});
