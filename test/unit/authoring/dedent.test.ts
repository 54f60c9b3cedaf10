import { expect, test } from "vitest";
import { dedent } from "../../../src/authoring/dedent.ts";
import { sh, text } from "../../../src/authoring/text.ts";

test.each([
  [["\n  a\n    b\n  "], ["a\n  b\n"]],
  [["a\n  b"], ["a\n  b"]],
  [["  a\n    b"], ["a\n  b"]],
  [["   \n  a\n\n  b\n"], ["a\n\nb\n"]],
  [["\n  a\n \n    b\n"], ["a\n\n  b\n"]],
  [["\n\ta\n\t b\n  "], ["\ta\n\t b\n"]],
  [
    ["\n    ", "\n  b\n"],
    ["  ", "\nb\n"],
  ],
  [
    ["\n  a ", " b\n    c"],
    ["a ", " b\n  c"],
  ],
  [
    ["\n  a", "\n  "],
    ["a", "\n"],
  ],
  [[""], [""]],
  [["\n"], [""]],
])("dedent(%j) is %j", (parts, wanted) => {
  expect(dedent(parts)).toEqual(wanted);
});

test("text that begins after the backtick does not count where it is told apart", () => {
  expect(dedent(["a {\n    b\n  }"], { firstLine: "is apart" })).toEqual(["a {\n  b\n}"]);
});

test("sh keeps backslashes and turns only \\${ and the escaped backtick back", () => {
  expect(sh`
    sed 's/\./\n/' "\${HOME}" \`date\` \\ $x \$y ${1} ${"a\n  b"}
  `).toBe("sed 's/\\./\\n/' \"${HOME}\" `date` \\\\ $x \\$y 1 a\n  b\n");
  expect(text`one line`).toBe("one line");
});
