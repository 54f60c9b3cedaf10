import { describe, expect, test } from "vitest";
import { literalDefault, readTree, relativeSource } from "../../../src/types/read-tree.ts";

describe("literalDefault", () => {
  test.each([
    ["default = false;", "false"],
    ["default = -3; # three", "-3"],
    ["default = 0.5;", "0.5"],
    ['default="a \\" b";', '"a \\" b"'],
    ["default = [ ];", "[ ]"],
    ["default = {};", "{}"],
    ["default = null;", "null"],
  ])("reads %s", (source, text) => {
    expect(literalDefault(source)).toBe(text);
  });
  test.each([
    ["default = pkgs.hello;"],
    ['default = "${pkgs.hello}/bin";'],
    ["default = [ 1 ];"],
    ["default = if a then 1 else 2;"],
    ["default = 1 + 2;"],
    ["default ="],
    ["inherit default;"],
    ["defaultText = false;"],
  ])("leaves %s alone", (source) => {
    expect(literalDefault(source)).toBeUndefined();
  });
});

test("relativeSource() takes the store's part away", () => {
  expect(relativeSource("/nix/store/0123456789abcdfghijklmnpqrsvwxyz-source/nixos/modules/a.nix")).toBe(
    "nixos/modules/a.nix",
  );
  expect(relativeSource("modules/a.ts")).toBe("modules/a.ts");
});

describe("readTree()", () => {
  const raw = {
    a: {
      options: {
        b: {
          type: { kind: "bool" },
          declared: "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-source/a.nix",
          line: 7,
          hasDefault: true,
          defaultAt: ["/x.nix", 2, 5],
        },
        c: {
          type: { kind: 'strMatching "[a]"', description: "string matching the pattern [a]" },
          declared: "<unknown-file>",
        },
        d: { type: { kind: "listOf", elem: { kind: "submodule", options: { e: { hole: "broken" } } } } },
      },
    },
  };

  test("finds defaults in the source and names files as people know them", () => {
    const lines = (file: string, line: number) =>
      file === "/x.nix" ? ["{", "    default = true;", "}"][line - 1] : undefined;
    expect(readTree(raw, lines)).toEqual({
      a: {
        options: {
          b: { type: { kind: "bool" }, declared: "a.nix", line: 7, hasDefault: true, default: "true" },
          c: { type: { kind: "strMatching", pattern: "[a]", description: "string matching the pattern [a]" } },
          d: { type: { kind: "listOf", elem: { kind: "submodule", options: { e: { hole: "broken" } } } } },
        },
      },
    });
  });

  test("shows no default when the source is gone", () => {
    expect(readTree(raw, () => undefined)).not.toHaveProperty("a.options.b.default");
  });
});
