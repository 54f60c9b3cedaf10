import { expect, test } from "vitest";
import { cycleProblems, wavesOfHosts } from "../../../../src/plan/hosts/waves.ts";

const hosts = (...names: readonly string[]) => names.map((name) => ({ name }));

test("wavesOfHosts() changes all at once where nothing is said", () => {
  expect(wavesOfHosts(hosts("c", "a", "b"))).toEqual([["a", "b", "c"]]);
  expect(wavesOfHosts([])).toEqual([]);
});

test("wavesOfHosts() sends the canary alone, then as many as may go at once", () => {
  expect(wavesOfHosts(hosts("a", "b", "c", "d"), { canary: true, parallel: 2 })).toEqual([["a"], ["b", "c"], ["d"]]);
});

test("wavesOfHosts() waits for what a host depends on, if that changes", () => {
  expect(wavesOfHosts([{ name: "a", dependsOn: ["z", "absent"] }, { name: "z" }])).toEqual([["z"], ["a"]]);
});

test("cycleProblems() names every host of a circle", () => {
  const problems = cycleProblems([{ name: "a", dependsOn: ["b"] }, { name: "b", dependsOn: ["a"] }, { name: "c" }]);
  expect(problems.map(({ subject, message }) => [subject, message])).toEqual([
    ["host a", "It depends on itself: a → b → a"],
    ["host b", "It depends on itself: a → b → a"],
  ]);
});
