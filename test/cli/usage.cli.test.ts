import { beforeAll, expect, test } from "vitest";
import { buildFloe, floe } from "./support/floe.ts";

beforeAll(buildFloe);

test.each([
  [["aply"], 'There is no verb "aply"', "Did you mean apply?"],
  [["plan", "--jsno"], 'There is no flag "--jsno"', "Did you mean --json?"],
  [["apply", "--dryrun"], 'There is no flag "--dryrun"', "--help lists the flags"],
  [["plan", "--exitcode"], 'There is no flag "--exitcode"', "Did you mean --exit-code?"],
  [["apply", "-x"], 'There is no flag "-x"', "--help lists the flags; put -- before words that only look like flags"],
  [["plan", "--out"], "The flag --out needs a value", undefined],
  [["plan", "--out="], 'The flag --out has no value after "="', undefined],
  [["rollback"], "The argument NAME is missing", "--help shows an example"],
  [["rollback", "a", "b"], 'The argument "b" is too much', "This verb takes one argument"],
  [["check", "web"], 'The argument "web" is too much', "This verb takes flags only"],
  [["image", "prune", "--keep", "x"], 'The value of --keep is wrong: "x" is not a whole number above zero', undefined],
  [
    ["stop", "a", "--timeout", "x"],
    'The value of --timeout is wrong: "x" is no time such as "90s", "2m" or a number of seconds',
    undefined,
  ],
  [["apply", "--instances", "stopped"], 'The value of --instances is wrong: "stopped" is not running', undefined],
  [["help", "pln"], 'There is no verb "pln"', "Did you mean plan?"],
  [["init", "--firn", "--nixpkgs", "x"], "--firn and --nixpkgs exclude each other", undefined],
])("floe %j ends with 2 and says why", async (args, message, hint) => {
  const { exitCode, stdout, stderr } = await floe(args);
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: `error: ${message}\n${hint === undefined ? "" : `\n  hint: ${hint}\n`}`,
  });
});

test("an error with --json is a document on stdout too", async () => {
  const { exitCode, stdout } = await floe(["plan", "--json", "--nonsense"]);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    kind: "error",
    code: "USAGE",
    exitCode: 2,
    message: 'There is no flag "--nonsense"',
    hint: "--help lists the flags",
    details: {},
  });
});

test("outside a project floe says where it looked", async () => {
  const { exitCode, stderr } = await floe(["plan"], { cwd: "/" });
  expect({ exitCode, stderr }).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: Cannot find a floe.config.ts in "/" or a folder above it

      hint: Start a project here with \`floe init\`, or name one with \`--project DIR\` (\`-C DIR\`)
    ",
    }
  `);
});

test("a reader that closes the pipe is no error", async () => {
  const { exitCode, stderr } = await floe(["--help"], { onStart: (child) => child.stdout?.destroy() });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});
