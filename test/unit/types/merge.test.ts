import { expect, test } from "vitest";
import type { OptionNode, TypeNode } from "../../../src/types/dump.ts";
import { mergeOptions, mergePackages } from "../../../src/types/merge.ts";

const option = (type: TypeNode): OptionNode => ({ type });

test("mergeOptions() has what any machine has", () => {
  const one = {
    a: { options: { b: option({ kind: "int" }) } },
    c: option({ kind: "submodule", options: { d: option({ kind: "str" }) } }),
  };
  const other = {
    a: { options: { e: option({ kind: "bool" }) } },
    c: option({ kind: "submodule", options: { f: option({ kind: "str" }) } }),
  };
  expect(mergeOptions([one, other])).toEqual({
    a: { options: { b: option({ kind: "int" }), e: option({ kind: "bool" }) } },
    c: option({ kind: "submodule", options: { d: option({ kind: "str" }), f: option({ kind: "str" }) } }),
  });
});

test("mergeOptions() fills a hole, and joins the values of enums", () => {
  const one = { a: { hole: "broken" }, b: option({ kind: "enum", values: ["x"] }) };
  const other = { a: option({ kind: "int" }), b: option({ kind: "enum", values: ["y", "x"] }) };
  expect(mergeOptions([one, other])).toEqual({
    a: option({ kind: "int" }),
    b: option({ kind: "enum", values: ["x", "y"] }),
  });
});

test("mergeOptions() of one tree is that tree", () => {
  const one = { a: option({ kind: "int" }) };
  expect(mergeOptions([one])).toBe(one);
  expect(mergeOptions([])).toEqual({});
});

test("mergePackages() joins names and sets", () => {
  expect(
    mergePackages([
      { names: ["b"], sets: { s: ["x"] } },
      { names: ["a", "b"], sets: { s: ["y"], t: ["z"] } },
    ]),
  ).toEqual({ names: ["a", "b"], sets: { s: ["x", "y"], t: ["z"] } });
});
