import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { buildFloe, type Ended, floe, lastDocument } from "./support/floe.ts";

const config = (text: string): string => `import { dir, fleet } from "floe";
export default fleet({ name: "fmt-test", inputs: { nixpkgs: dir("./base") }, ${text} });
`;

let project: TempProject;
const at = (file: string): string => path.join(project.root, file);
const read = (file: string): string => readFileSync(at(file), "utf8");
const inProject = (...args: string[]): Promise<Ended> => floe(args, { cwd: project.root });
const git = (...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
    cwd: project.root,
    encoding: "utf8",
  });

function has(...programs: string[]): boolean {
  const missing = programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  if (missing.length > 0 && process.env["FLOE_REQUIRE"] === undefined)
    console.warn(`Skipped: no ${missing.join(", ")} here`);
  return missing.length === 0 || process.env["FLOE_REQUIRE"] !== undefined;
}

beforeAll(buildFloe);
beforeEach(async () => {
  project = await tempProject({
    "base/flake.nix": "{ outputs = _: { }; }\n",
    "floe.config.ts": config(
      'format: { "*.sh": "shfmt", "*.py": ["isort", "black"] }, lint: { "*.sh": "shellcheck" }, exclude: ["vendor/"]',
    ),
    "a.py": 'import sys\nimport os\nx = { "a":1 }\n',
    "good.py": "x = 1\n",
    "sub/x.sh": "#!/bin/sh\nif true\nthen\necho $1\nfi\n",
    "vendor/a.py": "x=  1\n",
    ".gitignore": ".floe\nignored.py\n",
    "ignored.py": "x=  1\n",
  });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "all");
});
afterEach(() => project.remove());

describe.skipIf(!has("black", "isort", "shfmt", "shellcheck"))("with real formatters and linters", () => {
  test("--check changes nothing and names each file; fmt formats them; then all is well", async () => {
    const check = await inProject("fmt", "--check");
    expect(check).toMatchObject({ exitCode: 1, stderr: "" });
    expect(check.stdout).toBe(
      "✗ a.py  isort is not formatted\n        black is not formatted\n✗ sub/x.sh  shfmt is not formatted\n\n2 files of 3 not formatted; floe fmt formats them\n",
    );
    expect(git("status", "--short")).toBe("");
    expect(await inProject("fmt")).toMatchObject({ exitCode: 0, stdout: "✓ a.py\n✓ sub/x.sh\n\n2 files formatted\n" });
    expect(read("a.py")).toBe('import os\nimport sys\n\nx = {"a": 1}\n');
    expect(read("vendor/a.py")).toBe("x=  1\n");
    expect(read("ignored.py")).toBe("x=  1\n");
    expect(await inProject("fmt", "--check")).toMatchObject({ exitCode: 0, stdout: "3 files, all well\n" });
  });

  test("what is known to be well is not looked at again, until it, its tool or its settings change", async () => {
    const looked = async (): Promise<unknown> =>
      lastDocument((await inProject("fmt", "--check", "--json")).stdout)["looked"];
    await inProject("fmt");
    // What one formatter left may be changed by the next: the first looks at that once more.
    await inProject("fmt");
    expect(await looked()).toBe(0);
    writeFileSync(at("good.py"), "y = 1\n");
    expect(await looked()).toBe(1);
    expect(await looked()).toBe(0);
    writeFileSync(at("pyproject.toml"), "[tool.black]\nline-length = 40\n");
    expect(await looked()).toBe(2);
  });

  test("a file that cannot be read is told with the tool's words, and the others are formatted", async () => {
    writeFileSync(at("bad.py"), "def (:\n");
    const { exitCode, stdout } = await inProject("fmt");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("✗ bad.py  black\n    error: cannot format bad.py: Cannot parse");
    expect(stdout).toContain("✓ a.py\n");
    expect(read("bad.py")).toBe("def (:\n");
  });

  test("names with anything in them are files, not flags", async () => {
    writeFileSync(at("--version.py"), "x=  1\n");
    mkdirSync(at("a folder"));
    writeFileSync(at("a folder/ü 'x'.py"), "x=  1\n");
    expect((await inProject("fmt")).exitCode).toBe(0);
    expect(read("--version.py")).toBe("x = 1\n");
    expect(read("a folder/ü 'x'.py")).toBe("x = 1\n");
  });

  test("only the given paths", async () => {
    expect((await inProject("fmt", "sub")).stdout).toBe("✓ sub/x.sh\n\n1 file formatted\n");
    const outside = await inProject("fmt", "/etc");
    expect(outside.exitCode).toBe(2);
  });

  test("--staged looks at what would be committed, not at what is on disk", async () => {
    await inProject("fmt");
    git("commit", "-qam", "formatted");
    writeFileSync(at("good.py"), "x=  1\n");
    git("add", "good.py");
    writeFileSync(at("good.py"), "x = 1\n");
    const check = await inProject("fmt", "--check", "--staged");
    expect(check).toMatchObject({ exitCode: 1 });
    expect(check.stdout).toContain("✗ good.py  black is not formatted");
    // Only a part of it is staged: it is left alone.
    const left = await inProject("fmt", "--staged");
    expect(left.exitCode).toBe(1);
    expect(left.stdout).toContain("Left alone: it also has changes that are not staged");
    expect(git("diff", "--cached", "good.py")).toContain("+x=  1");
    writeFileSync(at("good.py"), "x=  2\n");
    git("add", "good.py");
    expect((await inProject("fmt", "--staged")).exitCode).toBe(0);
    expect(git("diff", "--cached", "good.py")).toContain("+x = 2");
    expect(git("diff", "good.py")).toBe("");
  });

  test("lint tells what is wrong, file by file", async () => {
    const { exitCode, stdout } = await inProject("lint");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✗ sub\/x\.sh {2}shellcheck\n {4}In sub\/x\.sh line 4:\n/);
    expect(stdout).toContain("SC2086");
    writeFileSync(at("sub/x.sh"), '#!/bin/sh\necho "$1"\n');
    expect(await inProject("lint")).toMatchObject({ exitCode: 0, stdout: "1 file, all well\n" });
  });
});

test("a formatter of one's own that can only change files is asked on a copy", async () => {
  writeFileSync(at("floe.config.ts"), config('format: { "*.txt": { command: ["sed", "-i", "s/ *$//"] } }'));
  writeFileSync(at("t.txt"), "a  \n");
  expect((await inProject("fmt", "--check")).stdout).toContain("✗ t.txt  sed is not formatted");
  expect(read("t.txt")).toBe("a  \n");
  await inProject("fmt");
  expect(read("t.txt")).toBe("a\n");
  expect((await inProject("fmt", "--check")).exitCode).toBe(0);
});

test("the project's own node_modules come first", async () => {
  writeFileSync(at("floe.config.ts"), config('format: { "*.txt": "prettier" }'));
  mkdirSync(at("node_modules/.bin"), { recursive: true });
  writeFileSync(at("node_modules/.bin/prettier"), '#!/bin/sh\nfor last; do :; done\necho pretty >"$last"\n');
  chmodSync(at("node_modules/.bin/prettier"), 0o755);
  writeFileSync(at("t.txt"), "ugly\n");
  await inProject("fmt");
  expect(read("t.txt")).toBe("pretty\n");
});

test("a tool that is missing says how to get it, and fails", async () => {
  writeFileSync(
    at("floe.config.ts"),
    config('format: { "*.nix": { command: ["no-such-tool"] } }, lint: { "*.nix": "statix" }'),
  );
  const { exitCode, stderr } = await inProject("fmt");
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    'error: There is no no-such-tool: no program "no-such-tool" is on the PATH\n\n  hint: Put "no-such-tool" on your PATH\n',
  );
});

test.each([
  ['format: { "*.nix": "nixfm" }', 'There is no formatter "nixfm" that floe knows', 'Did you mean "nixfmt"?'],
  ['lint: { "*.nix": "nixfmt" }', 'There is no linter "nixfmt" that floe knows', ""],
  ['format: { "/x": "nixfmt" }', '"/x" is no pattern of files', ""],
  ["", "The fleet has no formatters", "Name them in floe.config.ts"],
])("%s is refused", async (text, message, hint) => {
  writeFileSync(at("floe.config.ts"), config(text));
  const { exitCode, stderr } = await inProject("fmt");
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain(message);
  expect(stderr).toContain(hint);
});
