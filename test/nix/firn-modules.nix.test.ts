/** firn's module system: what definitions become, which values fit, and nixpkgs' words for what is wrong. */
import { describe, expect, test } from "vitest";
import { evaluate, failure } from "./fixtures/firn/firn.ts";

interface Case {
  readonly got: unknown;
  readonly want: unknown;
}
const groups = (await evaluate("module-system.nix")) as Record<string, Record<string, Case>>;

describe.each(Object.entries(groups))("%s", (_, cases) => {
  test.each(Object.entries(cases))("%s", (_name, { got, want }) => {
    expect(got).toEqual(want);
  });
});

interface TypeRow {
  readonly description: string;
  readonly described: string;
  readonly refused: readonly unknown[];
  readonly accepted: readonly unknown[];
  readonly tried: boolean;
}
const types = (await evaluate("types.nix")) as Record<string, TypeRow>;

test.each(Object.entries(types))("the type %s takes what fits and nothing else", (_, row) => {
  expect(row).toMatchObject({ described: row.description, refused: [], accepted: [], tried: true });
});

describe("messages", () => {
  const hint = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
  test.each([
    [
      "unknown",
      "The option `services.opensh' does not exist. Definition values:\n- In `containers/web.ts':\n    {\n      enable = true;\n    }",
    ],
    [
      "misspelt",
      "The option `networking.hostname' does not exist. Definition values:\n- In `containers/web.ts': \"web\"\n\nDid you mean `networking.hostName'?",
    ],
    [
      "nested",
      "The option `users.users.ann.sheel' does not exist. Definition values:\n- In `containers/web.ts': \"/bin/sh\"\n\nDid you mean `users.users.ann.shell'?",
    ],
    [
      "wrongType",
      "A definition for option `networking.hostName' is not of type `string matching the pattern ^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$'. Definition values:\n- In `containers/web.ts': 42",
    ],
    [
      "wrongTypeOfSet",
      "You're trying to define a value of type `int' rather than an attribute set for the option\n`networking'!",
    ],
    [
      "wrongElement",
      'A definition for option `networking.firewall.allowedTCPPorts."[definition 1-entry 2]"\' is not of type `16 bit unsigned integer; between 0 and 65535 (both inclusive)\'. Definition values:\n- In `containers/web.ts\': "443"',
    ],
    [
      "conflict",
      `The option \`networking.hostName' has conflicting definition values:\n- In \`b.ts': "b"\n- In \`a.ts': "a"\n${hint}`,
    ],
    ["unset", "The option `x' was accessed but has no value defined. Try setting the option."],
    [
      "twice",
      "The option `x' is defined multiple times while it's expected to be unique.\nDefinition values:\n- In `b.nix': 2\n- In `a.nix': 1",
    ],
    [
      "readOnly",
      "The option `system.nixos.release' is read-only, but it's set multiple times. Definition values:\n- In `a.ts': \"1\"",
    ],
    ["assertion", "Failed assertions:\n- the moon is full\n- so is the sun"],
    ["declaredTwice", "The option `x' in `a.nix' is already declared in `b.nix'."],
    [
      "mixed",
      "Module `:anon-1' has an unsupported attribute `y'. This is caused by introducing a top-level `config' or `options' attribute.",
    ],
    [
      "parent",
      "The option `x' in module `a.nix' would be a parent of the following options, but its type `signed integer' does not support nested options.\n- option(s) with prefix `x.y' in module `b.nix'",
    ],
    [
      "noSystem",
      "Neither the argument `system' of lib.nixosSystem nor the option `nixpkgs.hostPlatform' says which platform this system is for.",
    ],
    ["commandless", "Failed assertions:\n- The service `web' has neither a `script' nor a `serviceConfig.ExecStart'."],
  ])("%s", async (attribute, message) => {
    expect(await failure(evaluate("messages.nix", attribute))).toContain(message);
  });
});
