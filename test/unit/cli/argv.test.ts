import { expect, test } from "vitest";
import { readArgv } from "../../../src/cli/argv.ts";
import { UsageError } from "../../../src/errors.ts";

test("readArgv puts global flags behind the verb", () => {
  expect(readArgv(["-C", "home", "--json", "plan", "web"])).toEqual({
    kind: "run",
    argv: ["plan", "-C", "home", "--json", "web"],
  });
  expect(readArgv(["--project=home", "plan"])).toEqual({ kind: "run", argv: ["plan", "--project=home"] });
});

test("readArgv knows help with and without a verb", () => {
  expect(readArgv([])).toEqual({ kind: "help" });
  expect(readArgv(["--help"])).toEqual({ kind: "help" });
  expect(readArgv(["help", "plan"])).toEqual({ kind: "help", verb: "plan" });
  expect(readArgv(["plan", "web", "-h"])).toEqual({ kind: "help", verb: "plan" });
});

test("readArgv leaves what follows -- to the command", () => {
  expect(readArgv(["exec", "web-1", "--", "ls", "--help"])).toEqual({
    kind: "run",
    argv: ["exec", "web-1", "--", "ls", "--help"],
  });
});

test("readArgv knows the version", () => {
  expect(readArgv(["--version"])).toEqual({ kind: "version" });
  expect(readArgv(["-V"])).toEqual({ kind: "version" });
});

test.each([["--x"], ["--out="], ["-1"], ["---yes"]])(
  "readArgv refuses %s, which stricli would take for an argument",
  (word) => {
    expect(() => readArgv(["apply", word])).toThrow(UsageError);
  },
);
