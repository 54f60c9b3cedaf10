import { expect, test } from "vitest";
import { remoteCommand } from "../../../src/machine/shell.ts";
import { quoteWord } from "../../../src/util/quote-word.ts";

test("a word in quotes", () => {
  expect(quoteWord("")).toBe("''");
  expect(quoteWord("it's $1")).toBe(`'it'\\''s $1'`);
});

test("a remote command holds nothing that a login shell could read in another way", () => {
  const nasty = "'\"\\\n\r\t!$`%*?[]{}()<>|&;#~^ü€🎉\u0001";
  const command = remoteCommand([nasty, ""], "end");
  const [, inside] = /^sh -c '(.*)'$/s.exec(command) ?? [];
  expect(inside).toMatch(/^eval "\$\(printf "[A-Za-z0-9 _./:,;=@+\\-]*"\)"$/);
  // Every backslash begins an octal number.
  expect(inside?.replaceAll(/\\[0-3][0-7]{2}/g, "")).not.toContain("\\");
});
