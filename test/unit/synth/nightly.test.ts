import { expect, test } from "vitest";
import { printFile } from "../../../src/nixlang/print.ts";
import { nightlyModule, nightlyOf } from "../../../src/synth/nightly.ts";

const nightly = {
  host: "crown",
  folder: "/home/me/machines",
  user: "me",
  at: "Mon..Fri 03:30",
  randomDelay: "15min",
  updateInputs: ["nixpkgs"],
  instances: "running",
  notify: [],
} as const;

test("the module runs the project's own floe by the clock", () => {
  const text = printFile(nightlyModule(nightly, "home"), { header: [] });
  expect(text).toContain("exec ./node_modules/.bin/floe apply --yes --instances running --update-inputs nixpkgs\n");
  expect(text).toContain('OnCalendar = "Mon..Fri 03:30";');
  expect(text).toContain("config.nix.package");
});

test("only a host of the fleet gets it", () => {
  expect(nightlyOf({ nightly, hosts: {} })).toBeUndefined();
  expect(nightlyOf({ hosts: {} })).toBeUndefined();
});
