import { describe, expect, test } from "vitest";
import { optionsInTrace, parseOptionPath, readFailure } from "../../../src/nix/failure.ts";

/** Messages as nixpkgs' module system words them: 20.09 and the releases around it, then those of today. */
const messages: readonly (readonly [name: string, message: string, meaning: unknown])[] = [
  [
    "wrong type, 20.09",
    'The option value `services.openssh.permitRootLogin\' in `hosts/crown.ts\' is not of type `one of "yes", "without-password", "no"\'.',
    {
      kind: "wrong-type",
      option: ["services", "openssh", "permitRootLogin"],
      wanted: 'one of "yes", "without-password", "no"',
      definitions: [{ file: "hosts/crown.ts" }],
    },
  ],
  [
    "wrong type, pattern with quotes, 20.09",
    "The option value `networking.hostName' in `hosts/crown.ts' is not of type `string matching the pattern ^$|^[[:alpha:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$'.",
    {
      kind: "wrong-type",
      option: ["networking", "hostName"],
      wanted: "string matching the pattern ^$|^[[:alpha:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$",
      definitions: [{ file: "hosts/crown.ts" }],
    },
  ],
  [
    "list element, 20.09",
    "The option value `networking.firewall.allowedTCPPorts.[definition 1-entry 2]' in `hosts/crown.ts' is not of type `16 bit unsigned integer; between 0 and 65535 (both inclusive)'.",
    {
      kind: "wrong-type",
      option: ["networking", "firewall", "allowedTCPPorts", "[definition 1-entry 2]"],
      wanted: "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
      definitions: [{ file: "hosts/crown.ts" }],
    },
  ],
  [
    "wrong type, today",
    "A definition for option `networking.hostName' is not of type `string'. Definition values:\n- In `hosts/crown.ts': 42",
    {
      kind: "wrong-type",
      option: ["networking", "hostName"],
      wanted: "string",
      definitions: [{ file: "hosts/crown.ts", value: "42" }],
    },
  ],
  [
    "list element with its name quoted, a value of several lines",
    "A definition for option `a.\"[definition 2-entry 1]\"' is not of type `string'. Definition values:\n- In `hosts/crown.ts':\n    {\n      x = 1;\n    }",
    {
      kind: "wrong-type",
      option: ["a", "[definition 2-entry 1]"],
      wanted: "string",
      definitions: [{ file: "hosts/crown.ts", value: "{\n  x = 1;\n}" }],
    },
  ],
  [
    "unknown option, 20.09",
    "The option `services.opensh' defined in `hosts/crown.ts' does not exist.",
    { kind: "unknown-option", option: ["services", "opensh"], definitions: [{ file: "hosts/crown.ts" }] },
  ],
  [
    "unknown option in several files, 20.09",
    "The option `services.opensh' defined in `hosts/crown.ts' and `modules/base.ts' does not exist.",
    {
      kind: "unknown-option",
      option: ["services", "opensh"],
      definitions: [{ file: "hosts/crown.ts" }, { file: "modules/base.ts" }],
    },
  ],
  [
    "unknown option, today",
    "The option `users.users.me.shel' does not exist. Definition values:\n- In `hosts/crown.ts': \"x\"\n\nDid you mean `users.users.me.shell'?",
    {
      kind: "unknown-option",
      option: ["users", "users", "me", "shel"],
      definitions: [{ file: "hosts/crown.ts", value: '"x"' }],
      meant: "users.users.me.shell",
    },
  ],
  [
    "unknown option, today, several suggestions",
    "The option `services.ngins' does not exist. Definition values:\n- In `hosts/crown.ts':\n    {\n      enable = true;\n    }\n\nDid you mean `services.nginx', `services.nghttpx' or `services.ngircd'?",
    {
      kind: "unknown-option",
      option: ["services", "ngins"],
      definitions: [{ file: "hosts/crown.ts", value: "{\n  enable = true;\n}" }],
      meant: "services.nginx",
    },
  ],
  [
    "conflict, 20.09",
    "The option `networking.hostName' has conflicting definitions, in `modules/base.ts' and `hosts/crown.ts'.",
    {
      kind: "conflict",
      rule: "equal",
      option: ["networking", "hostName"],
      definitions: [{ file: "modules/base.ts" }, { file: "hosts/crown.ts" }],
    },
  ],
  [
    "conflict, today",
    'The option `networking.hostName\' has conflicting definition values:\n- In `modules/base.ts\': "a"\n- In `hosts/crown.ts\': "b"\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.',
    {
      kind: "conflict",
      rule: "equal",
      option: ["networking", "hostName"],
      definitions: [
        { file: "modules/base.ts", value: '"a"' },
        { file: "hosts/crown.ts", value: '"b"' },
      ],
    },
  ],
  [
    "one definition only, 20.09",
    "The unique option `a.b' is defined multiple times, in `x.nix' and `y.nix'.",
    { kind: "conflict", rule: "unique", option: ["a", "b"], definitions: [{ file: "x.nix" }, { file: "y.nix" }] },
  ],
  [
    "one definition only, today",
    "The option `a.b' is defined multiple times while it's expected to be unique.\nDefinition values:\n- In `x.nix': 1\n- In `y.nix': 2\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.",
    {
      kind: "conflict",
      rule: "unique",
      option: ["a", "b"],
      definitions: [
        { file: "x.nix", value: "1" },
        { file: "y.nix", value: "2" },
      ],
    },
  ],
  [
    "read-only",
    "The option `a.b' is read-only, but it's set multiple times. Definition values:\n- In `x.nix': 1\n- In `hosts/crown.ts': 2",
    {
      kind: "conflict",
      rule: "read-only",
      option: ["a", "b"],
      definitions: [
        { file: "x.nix", value: "1" },
        { file: "hosts/crown.ts", value: "2" },
      ],
    },
  ],
  [
    "no value",
    'The option `fileSystems."/".device\' is used but not defined.',
    { kind: "no-value", option: ["fileSystems", "/", "device"] },
  ],
  [
    "no value, newest",
    "The option `a.b' was accessed but has no value defined. Try setting the option.",
    { kind: "no-value", option: ["a", "b"] },
  ],
  [
    "a value for a group, today",
    "You're trying to define a value of type `int' rather than an attribute set for the option\n`networking'!\n\nThis usually happens if `networking' has option definitions inside that are not matched.",
    { kind: "not-a-group", option: ["networking"], found: "int" },
  ],
  [
    "a value for a group, 20.09 on nix 2.8",
    "value is an integer while a set was expected",
    { kind: "not-a-group", found: "an integer" },
  ],
  [
    "an assertion",
    "\nFailed assertions:\n- services.foo.enable needs networking.hostName",
    { kind: "assertions", messages: ["services.foo.enable needs networking.hostName"] },
  ],
  [
    "several assertions",
    "\nFailed assertions:\n- first\n  goes on\n- second\n",
    { kind: "assertions", messages: ["first\n  goes on", "second"] },
  ],
  ["a missing attribute", "attribute 'htopp' missing", { kind: "missing-attribute", name: "htopp", meant: [] }],
  ["infinite recursion", "infinite recursion encountered", { kind: "recursion" }],
  ["anything else", "cannot coerce a set to a string", { kind: "other" }],
];

describe("readFailure()", () => {
  test.each(messages)("%s", (_name, message, meaning) => {
    expect(readFailure(message)).toEqual(meaning);
  });

  test("takes nix's suggestions from what it printed", () => {
    const printed =
      "error: attribute 'htopp' missing\n\n       at hosts/crown.nix:3:4\n       Did you mean one of htop or atop?";
    expect(readFailure("attribute 'htopp' missing", [], printed)).toEqual({
      kind: "missing-attribute",
      name: "htopp",
      meant: ["htop", "atop"],
    });
  });

  test("tells an argument that nobody gives from an attribute", () => {
    const trace = [
      "while evaluating anonymous lambda",
      'while evaluating the module argument `foo\' in "nix/hosts/crown.nix":',
    ];
    expect(readFailure("attribute 'foo' missing", trace)).toEqual({
      kind: "missing-argument",
      name: "foo",
      module: "nix/hosts/crown.nix",
    });
  });
});

test("optionsInTrace() lists each option once, the innermost first", () => {
  const trace = [
    "while evaluating the option `a.b':",
    "while evaluating the attribute 'value'",
    'while evaluating the option `c."d.e"\':',
    "while evaluating the option `a.b':",
  ];
  expect(optionsInTrace(trace)).toEqual([
    ["a", "b"],
    ["c", "d.e"],
  ]);
});

test.each([
  ["a.b", ["a", "b"]],
  ['a."b.c".d', ["a", "b.c", "d"]],
  ['a."say \\"x\\"".d', ["a", 'say "x"', "d"]],
  ["fileSystems./.device", ["fileSystems", "/", "device"]],
  ["a.<name>.b", ["a", "<name>", "b"]],
  ["a.[definition 1-entry 2].b", ["a", "[definition 1-entry 2]", "b"]],
  ["", []],
])("parseOptionPath(%s)", (text, names) => {
  expect(parseOptionPath(text)).toEqual(names);
});
