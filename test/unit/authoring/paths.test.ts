import { expect, test } from "vitest";
import { normalise, relativePath, relativeTo } from "../../../src/authoring/paths.ts";

test.each([
  ["/p/nix/hosts", "/p/nix/modules/web.nix", "../modules/web.nix"],
  ["/p/nix/hosts", "/p/nix/hosts/a.nix", "./a.nix"],
  ["/p", "/p/nix/hosts/a.nix", "./nix/hosts/a.nix"],
  ["/p/nix", "/p/nix", "./."],
  ["/p/nix", "/p", "../."],
  ["/p/nix/hosts", "/p", "../.."],
])("from %s to %s is %s", (from, to, wanted) => {
  expect(relativePath(from, to)).toBe(wanted);
});

test("normalise() resolves dots, and relativeTo() leaves what lies outside", () => {
  expect(normalise("/a/./b//../c/")).toBe("/a/c");
  expect(normalise("/../..")).toBe("/");
  expect(relativeTo("/a", "/a/b")).toBe("b");
  expect(relativeTo("/a", "/ab")).toBe("/ab");
});
