import { expect, test } from "vitest";
import { renderError } from "../../../../src/cli/render/error.ts";
import { plain } from "../../../../src/cli/render/style.ts";
import { ConfigError, IncusError, NixError } from "../../../../src/errors.ts";

const options = { colors: plain, verbose: false };

test("renderError shows place, frame and hint", () => {
  const source = [
    'import { container } from "floe";',
    "",
    "export default container({",
    "  instances: { web: { prots: {} } },",
    "});",
    "",
  ].join("\n");
  const error = new ConfigError('Unknown key "prots" of instance "web"', {
    at: { file: "containers/web.ts", line: 4, column: 23 },
    hint: 'Did you mean "ports"?',
  });
  expect(renderError(error, { ...options, readSource: () => source })).toMatchInlineSnapshot(`
    "error: Unknown key "prots" of instance "web"
      at containers/web.ts:4:23

        2 |
        3 | export default container({
      > 4 |   instances: { web: { prots: {} } },
          |                       ^
        5 | });

      hint: Did you mean "ports"?
    "
  `);
});

test("renderError shows a place whose file cannot be read without a frame", () => {
  const error = new ConfigError("Wrong", { at: { file: "gone.ts", line: 1, column: 1 } });
  expect(renderError(error, { ...options, readSource: () => undefined })).toBe("error: Wrong\n  at gone.ts:1:1\n");
});

test("renderError lists all problems of a project", () => {
  const problems = [
    {
      path: "containers.web",
      message: 'Key "autostart" must be true or false, not "yes"',
      file: "containers/web.ts",
      line: 3,
      column: 5,
    },
    { path: "hosts", message: 'Cannot find the folder "./hosts"', file: "floe.config.ts", hint: "Make it" },
  ];
  const error = new ConfigError("The project has 2 problems:\n  …", { details: { problems } });
  expect(renderError(error, options)).toMatchInlineSnapshot(`
    "error: The project has 2 problems

      ✗ Key "autostart" must be true or false, not "yes"
        at containers/web.ts:3:5

      ✗ Cannot find the folder "./hosts"
        at floe.config.ts
        hint: Make it
    "
  `);
});

test("renderError shows the last 20 lines of a log and how to see all", () => {
  const log = Array.from({ length: 25 }, (_, index) => `line ${index + 1}`).join("\n");
  const error = new NixError("Build of web-rootfs failed", { details: { log } });
  const text = renderError(error, options);
  expect(text.split("\n").slice(0, 4)).toEqual([
    "error: Build of web-rootfs failed",
    "",
    "  … 5 lines before; --verbose shows them",
    "  │ line 6",
  ]);
  expect(renderError(error, { ...options, verbose: true })).toContain("│ line 1\n");
});

test("renderError indents the further lines of a message and of a hint", () => {
  expect(renderError(new IncusError("Refused:\nno such device", { hint: "one\ntwo" }), options)).toMatchInlineSnapshot(`
    "error: Refused:
      no such device

      hint: one
            two
    "
  `);
});

test("renderError asks to report what is no FloeError", () => {
  const bug = new TypeError("x is not a function");
  bug.stack = "TypeError: x is not a function\n    at somewhere";
  expect(renderError(bug, options)).toMatchInlineSnapshot(`
    "error: floe 0.0.0-source has a bug: this should not have happened
      TypeError: x is not a function
          at somewhere

      hint: Please report this with the lines above
    "
  `);
});
