import { expect, test } from "vitest";
import { chooseGeneration } from "../../../src/generations/choose.ts";
import { Closures } from "../../../src/generations/closures.ts";
import type { ObservedGenerations } from "../../../src/generations/observe.ts";

const observed = (systems: readonly string[], rest: Partial<ObservedGenerations>): ObservedGenerations => ({
  profile: "/nix/var/nix/profiles/system",
  generations: systems.map((system, index) => ({ number: index + 1, system, at: index })),
  records: [],
  closures: new Closures(),
  ...rest,
});

test("the last one before that is another system", () => {
  expect(chooseGeneration(observed(["a", "b", "c"], { current: 3, running: "c" }), "crown").number).toBe(2);
  expect(chooseGeneration(observed(["a", "b", "b"], { current: 3, running: "b" }), "crown").number).toBe(1);
});

test("a generation that failed and was left behind is no way back", () => {
  expect(chooseGeneration(observed(["a", "b", "bad"], { current: 2, running: "b" }), "crown").number).toBe(1);
});

test("nor is one that failed before what runs was made", () => {
  const seen = observed(["a", "bad", "c"], { current: 3, running: "c" });
  const generations = seen.generations.map((one) => (one.system === "bad" ? { ...one, isFailed: true } : one));
  expect(chooseGeneration({ ...seen, generations }, "crown").number).toBe(1);
  expect(chooseGeneration({ ...seen, generations }, "crown", 2).number).toBe(2);
});

test("while a test runs that is in no generation, the one before that of the profile", () => {
  expect(chooseGeneration(observed(["a", "b"], { current: 2, running: "t" }), "crown").number).toBe(1);
});

test("a number is taken as it is; one that runs and boots already is refused", () => {
  const three = observed(["a", "b", "c"], { current: 3, running: "c" });
  expect(chooseGeneration(three, "crown", 1).number).toBe(1);
  expect(() => chooseGeneration(three, "crown", 3)).toThrow('"crown" runs generation 3 already');
  expect(() => chooseGeneration(three, "crown", 4)).toThrow('"crown" has no generation 4');
  // It runs, but the next boot brings another.
  expect(chooseGeneration(observed(["a", "b"], { current: 2, running: "a" }), "crown", 1).number).toBe(1);
});

test("without one before, the others are named", () => {
  expect(() => chooseGeneration(observed(["a"], { current: 1, running: "a" }), "crown")).toThrow(
    "no generation to go back to",
  );
});
