import { expect, test } from "vitest";
import { nearest } from "../../../src/util/nearest.ts";

const keys = ["server", "project", "ports", "profiles", "mounts", "volumes"];

test.each([
  ["prots", "ports"],
  ["port", "ports"],
  ["Server", "server"],
  ["mount", "mounts"],
  ["porject", "project"],
  ["web1", "web-1"],
])("nearest(%j) is %j", (name, expected) => {
  expect(nearest(name, [...keys, "web-1"])).toBe(expected);
});

test("nearest() suggests nothing that is far away", () => {
  expect(nearest("xyz", keys)).toBeUndefined();
  expect(nearest("", keys)).toBeUndefined();
  expect(nearest("web", [])).toBeUndefined();
});

test("nearest() takes the exact name before a near one, and the first of equals", () => {
  expect(nearest("web-2", ["web-1", "web-2"])).toBe("web-2");
  expect(nearest("web-9", ["web-1", "web-2"])).toBe("web-1");
});
