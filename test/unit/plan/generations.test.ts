import { expect, test } from "vitest";
import {
  firstGeneration,
  nextNumber,
  readGenerations,
  systemsOf,
  withCommitted,
  withNext,
} from "../../../src/plan/generations.ts";
import { label } from "../../../src/plan/labels.ts";

const numbers = (config: Readonly<Record<string, string>>) => readGenerations(config).map(({ number }) => number);
const commit = (config: Readonly<Record<string, string>>, system: string, keep = 3) =>
  withCommitted(withNext(config, system), { number: nextNumber(config), system }, keep);

test("a committed system is the last generation, and the newest are kept", () => {
  let config: Readonly<Record<string, string>> = { "limits.cpu": "2", ...firstGeneration("/nix/store/a", []) };
  for (const system of ["/nix/store/b", "/nix/store/c", "/nix/store/d"]) config = commit(config, system);
  expect(numbers(config)).toEqual([2, 3, 4]);
  expect(config[label.system]).toBe("/nix/store/d");
  expect(config[label.systemNext]).toBeUndefined();
  expect(config["limits.cpu"]).toBe("2");
  expect(numbers(commit(config, "/nix/store/e", 0))).toEqual([5]);
});

test("a system that comes again counts once, under a new number", () => {
  const two = commit(firstGeneration("/nix/store/a", []), "/nix/store/b");
  const again = commit(two, "/nix/store/a");
  expect(readGenerations(again).map(({ number, system }) => `${number} ${system}`)).toEqual([
    "2 /nix/store/b",
    "3 /nix/store/a",
  ]);
});

test("what is switched to is needed as well as what runs and what is kept", () => {
  const config = withNext(commit(firstGeneration("/nix/store/a", []), "/nix/store/b"), "/nix/store/c");
  expect(systemsOf(config)).toEqual(["/nix/store/b", "/nix/store/c", "/nix/store/a"]);
});

test("labels that somebody damaged are no generations", () => {
  for (const text of ["", "{", "null", "7", '[{"number":"1"}]', "[1]"])
    expect(readGenerations({ [label.generations]: text })).toEqual([]);
  expect(nextNumber({ [label.generations]: "{" })).toBe(1);
});
