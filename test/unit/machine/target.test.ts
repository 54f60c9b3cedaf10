import { expect, test } from "vitest";
import { describeTarget, parseTarget } from "../../../src/machine/target.ts";

test.each([
  ["local", { kind: "local" }, "this machine"],
  ["root@crown.lan", { kind: "ssh", destination: "root@crown.lan" }, "root@crown.lan"],
  ["crown", { kind: "ssh", destination: "crown" }, "crown"],
  ["ssh://me@[fd00::1]:2222", { kind: "ssh", destination: "ssh://me@[fd00::1]:2222" }, "ssh://me@[fd00::1]:2222"],
  [
    "incus:crown/web-1",
    { kind: "incus", server: "crown", project: "home", instance: "web-1" },
    'the instance "web-1" on "crown"',
  ],
] as const)("%s", (text, target, words) => {
  expect(parseTarget(text, { project: "home" })).toEqual(target);
  expect(describeTarget(target)).toBe(words);
});
