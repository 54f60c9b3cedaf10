import { expect, test } from "vitest";
import { placeIn } from "../../../src/format/place-in.ts";

const nothing = (): Buffer => Buffer.from("");

test.each([
  ["a.py:3:7: F401 unused", "a.py", { line: 3, column: 7 }],
  ["a b.py:3: note", "a b.py", { line: 3 }],
  ["a.ts(2,5): error TS1005", "a.ts", { line: 2, column: 5 }],
  ["[error] a.js: SyntaxError: Unexpected token (1:9)", "a.js", { line: 1, column: 9 }],
  ["error: cannot format a.py: Cannot parse: 2:4: def (:", "a.py", { line: 2, column: 4 }],
  [
    "error: cannot format a.py: Cannot parse for target version Python 3.13: 2:4: def (:",
    "a.py",
    { line: 2, column: 4 },
  ],
  ["In a.sh line 4:\necho $1", "a.sh", { line: 4 }],
  ["In ./-a.sh line 4:\necho $1", "-a.sh", { line: 4 }],
  ["/project/a.js\n  3:1  error  Unexpected var", "a.js", { line: 3, column: 1 }],
  ["xa.py:3:7", "other.py", {}],
  ["a+b.py:3:7", "a+b.py", { line: 3, column: 7 }],
])("placeIn() finds the place in %j", (output, file, place) => {
  expect(placeIn(output, file, nothing)).toEqual(place);
});

test("placeIn() counts the bytes that the parser of alejandra and deadnix names", () => {
  const read = (): Buffer => Buffer.from('{\n  ü = "ä" ;\n  a = ;\n}\n');
  const said = "Failed! 1 error found at:\n- a.nix: unexpected TOKEN_SEMICOLON at 22..23, wanted any of [TOKEN_REC]";
  expect(placeIn(said, "a.nix", read)).toEqual({ line: 3, column: 7 });
  expect(placeIn(said, "b.nix", read)).toEqual({});
});
