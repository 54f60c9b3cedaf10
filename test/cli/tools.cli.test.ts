/** The presets of formatters and linters with the real tools: those of npm, and those of Nix that `npm test` builds with cargo. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Finding } from "../../src/format/run-tools.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { buildFloe, type Ended, floe, lastDocument } from "./support/floe.ts";

const modules = path.resolve(import.meta.dirname, "../../node_modules");
let project: TempProject;
const at = (file: string): string => path.join(project.root, file);
const read = (file: string): string => readFileSync(at(file), "utf8");
const write = (file: string, text: string): void => writeFileSync(at(file), text);
const inProject = (...args: string[]): Promise<Ended> => floe(args, { cwd: project.root });
const configure = (text: string): void =>
  write(
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "tools-test", inputs: { nixpkgs: dir("./base") }, exclude: ["floe.config.ts", "base/"], ${text} });
`,
  );
async function findings(...args: string[]): Promise<Finding[]> {
  return lastDocument((await inProject(...args, "--json")).stdout)["findings"] as Finding[];
}

function has(program: string): boolean {
  const isThere = spawnSync(program, ["--version"]).error === undefined;
  if (!isThere) console.warn(`!! Skipped: no ${program} here; npm test builds it where there is a cargo`);
  return isThere || (process.env["FLOE_REQUIRE"] ?? "").split(",").includes("cargo");
}

beforeAll(buildFloe);
beforeEach(async () => {
  project = await tempProject({ "base/flake.nix": "{ outputs = _: { }; }\n", ".gitignore": ".floe\nnode_modules\n" });
  execFileSync("git", ["init", "-q"], { cwd: project.root });
});
afterEach(() => project.remove());

const ugly = "{pkgs,...}:\nlet used=1; unused=2; in\n{ a=used; b=[pkgs.hello]; }\n";

describe("nixpkgs-fmt", () => {
  test.skipIf(!has("nixpkgs-fmt"))("says what is not formatted, and formats it", async () => {
    configure('format: { "*.nix": "nixpkgs-fmt" }');
    write("a.nix", ugly);
    write("b.nix", "{ }\n");
    const check = await inProject("fmt", "--check");
    expect(check).toMatchObject({ exitCode: 1, stderr: "" });
    expect(check.stdout).toBe(
      "✗ a.nix  nixpkgs-fmt is not formatted\n\n1 file of 2 not formatted; floe fmt formats them\n",
    );
    expect(read("a.nix")).toBe(ugly);
    expect((await inProject("fmt")).stdout).toBe("✓ a.nix\n\n1 file formatted\n");
    expect(read("a.nix")).toBe("{ pkgs, ... }:\nlet used = 1; unused = 2; in\n{ a = used; b = [ pkgs.hello ]; }\n");
    expect((await inProject("fmt", "--check")).exitCode).toBe(0);
  });
});

describe("deadnix", () => {
  test.skipIf(!has("deadnix"))(
    "finds what is not used, and takes it away without breaking who calls the function",
    async () => {
      configure('lint: { "*.nix": "deadnix" }');
      write("a.nix", "{ pkgs, lib, ... }:\nlet\n  used = 1;\n  unused = 2;\nin\n{ a = used; b = pkgs.hello; }\n");
      write("b.nix", "{ }\n");
      const { exitCode, stdout } = await inProject("lint");
      expect(exitCode).toBe(1);
      expect(stdout).toContain("✗ a.nix  deadnix\n");
      expect(stdout).toContain("Unused let binding: unused");
      expect(stdout).toContain("\n1 file of 2 with problems\n");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: no colours where nobody sees them
      expect(stdout).not.toMatch(/\u001b/);
      expect(await findings("lint")).toMatchObject([
        { file: "a.nix", tool: "deadnix", kind: "failed", line: 4, column: 3 },
      ]);
      expect((await inProject("lint", "--fix")).exitCode).toBe(0);
      expect(read("a.nix")).toContain("{ pkgs, lib, ... }:");
      expect(read("a.nix")).not.toContain("unused");
    },
  );

  test.skipIf(!has("deadnix"))("of a file that it cannot read it says so, though it ends well", async () => {
    configure('lint: { "*.nix": "deadnix" }');
    write("a.nix", "{ a = ; }\n");
    write("b.nix", "{ }\n");
    const { exitCode, stdout } = await inProject("lint");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ a.nix {2}deadnix\n {4}Error parsing file a.nix: [\s\S]*\n\n1 file of 2 with problems\n/);
    expect((await inProject("lint")).exitCode).toBe(1);
  });
});

describe("nixfmt", () => {
  const isThere = spawnSync("nixfmt", ["--version"]).error === undefined;
  if (!isThere) console.warn("!! Skipped: no nixfmt here, and neither npm, Debian nor cargo has it");
  test.skipIf(!isThere)("says what is not formatted, formats it, and names the place that it cannot read", async () => {
    configure('format: { "*.nix": "nixfmt" }');
    write("a.nix", ugly);
    expect(await findings("fmt", "--check")).toMatchObject([{ file: "a.nix", kind: "unformatted" }]);
    expect((await inProject("fmt")).stdout).toBe("✓ a.nix\n\n1 file formatted\n");
    expect((await inProject("fmt", "--check")).exitCode).toBe(0);
    write("a.nix", "{ a = ; }\n");
    expect((await inProject("fmt")).exitCode).toBe(1);
  });
});

describe("those of npm, from the project's own node_modules", () => {
  beforeEach(() => {
    mkdirSync(at("node_modules/.bin"), { recursive: true });
    for (const name of ["prettier", "eslint", "biome", "taplo"]) {
      expect(existsSync(path.join(modules, ".bin", name)), name).toBe(true);
      symlinkSync(path.join(modules, ".bin", name), at(`node_modules/.bin/${name}`));
    }
  });

  test("prettier", async () => {
    configure('format: { "*.{json,md}": "prettier" }');
    write("a.json", '{"a":1,\n"b":[1,2]}\n');
    write("b.md", "# Good\n");
    expect((await inProject("fmt", "--check")).stdout).toContain("✗ a.json  prettier is not formatted\n\n1 file of 2");
    expect((await inProject("fmt")).stdout).toBe("✓ a.json\n\n1 file formatted\n");
    expect(read("a.json")).toBe('{ "a": 1, "b": [1, 2] }\n');
    write("a.json", '{ "a": }\n');
    const broken = await findings("fmt", "--check");
    expect(broken).toMatchObject([{ file: "a.json", tool: "prettier", kind: "failed", line: 1 }]);
  });

  test("biome formats and lints", async () => {
    configure('format: { "*.js": "biome" }, lint: { "*.js": "biome" }');
    write("biome.json", '{ "vcs": { "enabled": false } }\n');
    write("a.js", "if (a == 1) { debugger }\n");
    expect(await findings("fmt", "--check")).toMatchObject([{ file: "a.js", tool: "biome" }]);
    expect((await inProject("fmt")).exitCode).toBe(0);
    expect(read("a.js")).toBe("if (a == 1) {\n\tdebugger;\n}\n");
    expect(await findings("lint")).toMatchObject([
      { file: "a.js", tool: "biome", kind: "failed", line: expect.any(Number) },
    ]);
  });

  test("eslint", async () => {
    configure('lint: { "*.js": "eslint" }');
    write("eslint.config.mjs", 'export default [{ rules: { "no-var": "error", "no-debugger": "error" } }];\n');
    write("a.js", "let a = 1;\n\nvar b = a;\n");
    write("b.js", "debugger;\n");
    const found = await findings("lint");
    expect(found).toMatchObject([
      { file: "a.js", tool: "eslint", kind: "failed", line: 3, column: 1 },
      { file: "b.js", tool: "eslint", kind: "failed", line: 1, column: 1 },
    ]);
    expect((await inProject("lint", "--fix")).exitCode).toBe(1);
    expect(read("a.js")).toBe("let a = 1;\n\nlet b = a;\n");
  });

  test("taplo", async () => {
    configure('format: { "*.toml": "taplo" }');
    write("a.toml", "a=1\n[b]\n  c =   [1,2]\n");
    write("b.toml", "a = 1\n");
    expect(await findings("fmt", "--check")).toMatchObject([{ file: "a.toml", tool: "taplo", kind: "unformatted" }]);
    expect((await inProject("fmt")).stdout).toBe("✓ a.toml\n\n1 file formatted\n");
    expect(read("a.toml")).toBe("a = 1\n[b]\nc = [1, 2]\n");
    expect((await inProject("fmt", "--check")).exitCode).toBe(0);
  });
});
