/**
 * The presets of formatters and linters with the real tools: those of npm and Debian, those of Nix that `npm test` builds with cargo, and those that
 * FLOE_NIXFMT, FLOE_ALEJANDRA and FLOE_STATIX name.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Finding } from "../../src/format/run-tools.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { buildFloe, type Ended, floe, lastDocument } from "./support/floe.ts";

const modules = path.resolve(import.meta.dirname, "../../node_modules/.bin");
let project: TempProject;
const at = (file: string): string => path.join(project.root, file);
const read = (file: string): string => readFileSync(at(file), "utf8");
const write = (file: string, text: string | Buffer): void => writeFileSync(at(file), text);
const inProject = (...args: string[]): Promise<Ended> => floe(args, { cwd: project.root });
const git = (...args: string[]): string => execFileSync("git", args, { cwd: project.root, encoding: "utf8" });
const configure = (text: string): void =>
  write(
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "tools-test", inputs: { nixpkgs: dir("./base") }, exclude: ["floe.config.ts", "base/"], ${text} });
`,
  );
const answer = async (...args: string[]) => lastDocument((await inProject(...args, "--json")).stdout);
const findings = async (...args: string[]) => (await answer(...args))["findings"] as Finding[];

/** How its program comes into the project's node_modules; undefined where there is none. */
type Source = "npm" | "debian" | "cargo" | `FLOE_${string}`;

const required = (process.env["FLOE_REQUIRE"] ?? "").split(",");

/** Where its program is, if that is not the PATH; undefined where it is not to be had, which is said. */
function programOf(tool: string, source: Source): string | undefined {
  if (source === "npm") return path.join(modules, tool);
  const named = source.startsWith("FLOE_") ? process.env[source] : undefined;
  const program = named ?? tool;
  const isThere = spawnSync(program, ["--version"]).error === undefined;
  if (isThere || required.includes(source === "debian" ? "nix" : source)) return program;
  const why = {
    debian: "npm test installs it where there is an apt-get",
    cargo: "npm test builds it where there is a cargo",
  };
  const hint = source in why ? why[source as keyof typeof why] : `${source} names none, and no registry has it`;
  console.warn(`!! Skipped: no ${tool} here; ${hint}`);
  return undefined;
}

/** For the project alone, as one of its own packages. */
function link(tool: string, program: string): void {
  if (!path.isAbsolute(program)) return;
  expect(existsSync(program), program).toBe(true);
  mkdirSync(at("node_modules/.bin"), { recursive: true });
  symlinkSync(program, at(`node_modules/.bin/${tool}`));
}

beforeAll(buildFloe);
beforeEach(async () => {
  project = await tempProject({ "base/flake.nix": "{ outputs = _: { }; }\n", ".gitignore": ".floe\nnode_modules\n" });
  git("init", "-q");
});
afterEach(() => project.remove());

interface Unreadable {
  readonly content: string;
  /** Of the tool's own words. */
  readonly says: string;
  readonly line: number;
}

interface Formatter {
  readonly tool: string;
  readonly source: Source;
  readonly end: string;
  readonly ugly: string;
  readonly pretty: string;
  /** None: it says nothing of a file that it cannot read. */
  readonly bad?: Unreadable;
  /** A file with settings, and what is in it. */
  readonly settings?: readonly [string, string];
}

/** In milliseconds: each tool is called some fifteen times, and those in WebAssembly take a second each. */
const manyCalls = 180_000;
const badNix = "{\n  a = ;\n}\n";
const formatters: readonly Formatter[] = [
  {
    tool: "nixfmt",
    source: "FLOE_NIXFMT",
    end: "nix",
    ugly: "{a=1;}\n",
    pretty: "{ a = 1; }\n",
    bad: { content: badNix, says: "expecting expression", line: 2 },
  },
  { tool: "nixpkgs-fmt", source: "cargo", end: "nix", ugly: "{a=1;}\n", pretty: "{ a = 1; }\n" },
  {
    tool: "alejandra",
    source: "FLOE_ALEJANDRA",
    end: "nix",
    ugly: "{a=1;}\n",
    pretty: "{a = 1;}\n",
    bad: { content: badNix, says: "unexpected TOKEN_SEMICOLON", line: 2 },
    settings: ["alejandra.toml", 'indentation = "Tabs"\n'],
  },
  {
    tool: "prettier",
    source: "npm",
    end: "json",
    ugly: '{"a":1}\n',
    pretty: '{ "a": 1 }\n',
    bad: { content: '{\n  "a": }\n', says: "SyntaxError: Unexpected token", line: 2 },
    settings: [".prettierrc.toml", "tabWidth = 4\n"],
  },
  {
    tool: "black",
    source: "debian",
    end: "py",
    ugly: "x=  1\n",
    pretty: "x = 1\n",
    bad: { content: "x = 1\ndef (:\n", says: "annot parse", line: 2 },
    settings: ["pyproject.toml", "[tool.black]\nline-length = 40\n"],
  },
  {
    tool: "isort",
    source: "debian",
    end: "py",
    ugly: "import os\nimport abc\n",
    pretty: "import abc\nimport os\n",
    settings: [".isort.cfg", "[settings]\nprofile = black\n"],
  },
  {
    tool: "biome",
    source: "npm",
    end: "js",
    ugly: "f( 1 )\n",
    pretty: "f(1);\n",
    bad: { content: "f(1);\nlet a = ;\n", says: "Expected an expression", line: 2 },
    settings: ["biome.json", '{ "formatter": { "lineWidth": 40 } }\n'],
  },
  {
    tool: "shfmt",
    source: "debian",
    end: "sh",
    ugly: "if true\nthen\necho 1\nfi\n",
    pretty: "if true; then\n\techo 1\nfi\n",
    bad: { content: "echo 1\n)\n", says: "can only be used to close a subshell", line: 2 },
    settings: [".editorconfig", "[*.sh]\nindent_style = tab\n"],
  },
  {
    tool: "taplo",
    source: "npm",
    end: "toml",
    ugly: "a=1\n",
    pretty: "a = 1\n",
    bad: { content: "a = 1\nb = \n", says: "expected value", line: 2 },
    settings: ["taplo.toml", "[formatting]\ncolumn_width = 40\n"],
  },
];

describe.each(formatters)("$tool", ({ tool, source, end, ugly, pretty, bad, settings }) => {
  const program = programOf(tool, source);
  const [spaced, dashed, good, broken] = [`a b.${end}`, `-x.${end}`, `good.${end}`, `sub/broken.${end}`] as const;

  test.skipIf(program === undefined)(
    "tells what is not formatted from what it cannot read, and formats",
    async () => {
      link(tool, program ?? "");
      configure(`format: { "*.${end}": "${tool}" }`);
      mkdirSync(at("sub"));
      for (const file of [spaced, dashed]) write(file, ugly);
      write(good, pretty);
      if (bad !== undefined) write(broken, bad.content);
      const unformatted = [dashed, spaced].map((file) => ({ file, tool, kind: "unformatted" }));
      const unread = bad
        ? [{ file: broken, tool, kind: "failed", line: bad.line, output: expect.stringContaining(bad.says) }]
        : [];

      expect(await findings("fmt", "--check")).toMatchObject([...unformatted, ...unread]);
      expect(read(spaced)).toBe(ugly);
      git("add", "--all");
      expect(await findings("fmt", "--check", "--staged")).toMatchObject([...unformatted, ...unread]);
      expect(await findings("fmt", "--staged")).toMatchObject(unread);
      for (const file of [spaced, dashed]) expect(git("show", `:${file}`)).toBe(pretty);

      rmSync(at(broken), { force: true });
      expect(await answer("fmt", "--check")).toMatchObject({ findings: [], files: 3, looked: 0 });
      if (settings === undefined) return;
      write(...settings);
      expect(await answer("fmt", "--check", good)).toMatchObject({ findings: [], files: 1, looked: 1 });
    },
    manyCalls,
  );
});

interface Linter extends Omit<Formatter, "ugly" | "pretty" | "bad"> {
  /** Something is wrong in its second line. */
  readonly wrong: string;
  readonly says: string;
  readonly good: string;
  /** What its fix leaves of `wrong`; none: it changes nothing. */
  readonly fixed?: string;
  readonly bad: Unreadable;
}

const linters: readonly Linter[] = [
  {
    tool: "statix",
    source: "FLOE_STATIX",
    end: "nix",
    wrong: "{ x }:\nif x == true then 1 else 2\n",
    says: "Comparing x with boolean literal true",
    good: "{ x }:\nif x then 1 else 2\n",
    fixed: "{ x }:\nif x then 1 else 2\n",
    bad: { content: badNix, says: "Unexpected TOKEN_SEMICOLON", line: 2 },
    settings: ["statix.toml", 'disabled = ["empty_pattern"]\n'],
  },
  {
    tool: "deadnix",
    source: "cargo",
    end: "nix",
    wrong: "let\n  unused = 1;\n  used = 2;\nin\nused\n",
    says: "Unused let binding: unused",
    good: "let\n  used = 2;\nin\nused\n",
    fixed: "let\n  used = 2;\nin\nused\n",
    bad: { content: badNix, says: "unexpected TOKEN_SEMICOLON", line: 2 },
  },
  {
    tool: "pylint",
    source: "debian",
    end: "py",
    wrong: '"""Doc."""  # pylint: disable=invalid-name\nimport os\n',
    says: "W0611: Unused import os (unused-import)",
    good: '"""Doc."""\n',
    bad: { content: '"""Doc."""\ndef (:\n', says: "E0001: Parsing failed", line: 2 },
    settings: [".pylintrc", "[MAIN]\nignore=none.py\n"],
  },
  {
    tool: "eslint",
    source: "npm",
    end: "js",
    wrong: "let a = 1;\nvar b = a;\n",
    says: "Unexpected var, use let or const instead",
    good: "let a = 1;\n",
    fixed: "let a = 1;\nlet b = a;\n",
    bad: { content: "let a = 1;\nlet b = ;\n", says: "Parsing error: Unexpected token ;", line: 2 },
    settings: ["tsconfig.json", "{}\n"],
  },
  {
    tool: "biome",
    source: "npm",
    end: "js",
    wrong: "const a = f();\nif (a == 1) g();\n",
    says: "lint/suspicious/noDoubleEquals",
    good: "const a = f();\nif (a === 1) g();\n",
    bad: { content: "f();\nconst a = ;\n", says: "Expected an expression", line: 2 },
    settings: ["biome.json", '{ "formatter": { "lineWidth": 40 } }\n'],
  },
  {
    tool: "shellcheck",
    source: "debian",
    end: "sh",
    wrong: "#!/bin/sh\necho $1\n",
    says: "SC2086",
    good: '#!/bin/sh\necho "$1"\n',
    bad: { content: "#!/bin/sh\nif true; then\n", says: "Couldn't parse this then clause", line: 2 },
    settings: [".shellcheckrc", "disable=SC2034\n"],
  },
  {
    tool: "yamllint",
    source: "debian",
    end: "yaml",
    wrong: "---\na:   1\n",
    says: "too many spaces after colon",
    good: "---\na: 1\n",
    bad: { content: "---\na: ]\n", says: "syntax error", line: 2 },
    settings: [".yamllint", "extends: default\n"],
  },
];

describe.each(linters)("$tool", ({ tool, source, end, wrong, says, good, fixed, bad, settings }) => {
  const program = programOf(tool, source);
  const [spaced, dashed, well, broken] = [`a b.${end}`, `-x.${end}`, `good.${end}`, `sub/broken.${end}`] as const;

  test.skipIf(program === undefined)(
    "finds what is wrong and where, and changes what it can",
    async () => {
      link(tool, program ?? "");
      configure(`lint: { "*.${end}": "${tool}" }`);
      if (tool === "eslint") write("eslint.config.mjs", 'export default [{ rules: { "no-var": "error" } }];\n');
      mkdirSync(at("sub"));
      for (const file of [spaced, dashed]) write(file, wrong);
      write(well, good);
      write(broken, bad.content);
      const finding = (file: string, line: number, words: string) => {
        return { file, tool, kind: "failed", line, output: expect.stringContaining(words) };
      };
      const found = [dashed, spaced].map((file) => finding(file, 2, says));
      const unread = finding(broken, bad.line, bad.says);

      expect(await findings("lint")).toMatchObject([...found, unread]);
      git("add", "--all");
      expect(await findings("lint", "--staged")).toMatchObject([...found, unread]);
      expect(await findings("lint", "--fix")).toMatchObject(fixed === undefined ? [...found, unread] : [unread]);
      for (const file of [spaced, dashed]) expect(read(file)).toBe(fixed ?? wrong);
      expect(read(broken)).toBe(bad.content);

      for (const file of [spaced, dashed, broken]) rmSync(at(file));
      expect(await answer("lint")).toMatchObject({ findings: [], files: 1, looked: 0 });
      if (settings === undefined) return;
      write(...settings);
      expect(await answer("lint", well)).toMatchObject({ findings: [], files: 1, looked: 1 });
    },
    manyCalls,
  );
});

describe("settings", () => {
  const alejandra = programOf("alejandra", "FLOE_ALEJANDRA");
  const statix = programOf("statix", "FLOE_STATIX");
  const hasPylint = programOf("pylint", "debian") !== undefined;

  test.skipIf(alejandra === undefined)("alejandra: those that it cannot read are told", async () => {
    link("alejandra", alejandra ?? "");
    configure('format: { "*.nix": "alejandra" }');
    write("a.nix", "{a = 1;}\n");
    write("alejandra.toml", 'indentation = "x"\n');
    expect(await findings("fmt", "--check")).toMatchObject([
      { file: "a.nix", kind: "failed", output: expect.stringContaining("Errors found in config") },
    ]);
  });

  test.skipIf(statix === undefined)(
    "statix: those that it cannot read are told, and a file that is no text, though it ends well",
    async () => {
      link("statix", statix ?? "");
      configure('lint: { "*.nix": "statix" }');
      write("a.nix", "{ a = 1; }\n");
      write("b.nix", Buffer.from('"\xff"\n', "latin1"));
      expect(await findings("lint")).toMatchObject([
        { file: "b.nix", kind: "failed", output: "`b.nix` contains non-utf8 content" },
      ]);
      write("statix.toml", "disabled = [\n");
      const broken = { kind: "failed", output: expect.stringContaining("config error: unable to parse config file") };
      expect(await findings("lint", "a.nix")).toMatchObject([broken]);
      expect(await findings("lint", "--fix", "a.nix")).toMatchObject([broken]);
    },
  );

  test.skipIf(!hasPylint).each([
    ["[MAIN\n", "config-parse-error"],
    ["[MAIN]\nload-plugins=no_such_plugin\n", "bad-plugin-value"],
  ])("pylint: %j is told, though it ends well", async (settings, symbol) => {
    configure('lint: { "*.py": "pylint" }');
    write("a.py", '"""Doc."""\n');
    write(".pylintrc", settings);
    expect(await findings("lint")).toMatchObject([
      { file: "a.py", kind: "failed", output: expect.stringContaining(`(${symbol})`) },
    ]);
  });

  test.skipIf(!hasPylint)("pylint: several files are judged each for itself", async () => {
    configure('lint: { "*.py": "pylint" }');
    const lines = Array.from({ length: 8 }, (_, index) => `print(${index})\n`).join("");
    for (const file of ["a.py", "b.py"]) write(file, `"""Doc."""\n${lines}`);
    expect(await findings("lint")).toEqual([]);
  });

  test("biome: files that they leave out are left alone", async () => {
    link("biome", path.join(modules, "biome"));
    configure('format: { "*.js": "biome" }, lint: { "*.js": "biome" }');
    write("biome.json", '{ "files": { "includes": ["**", "!a.js"] } }\n');
    write("a.js", "if (a == 1) { debugger }\n");
    for (const words of [["fmt", "--check"], ["fmt"], ["lint"], ["lint", "--fix"]])
      expect(await findings(...words), words.join(" ")).toEqual([]);
    write("biome.json", "{\n");
    expect(await findings("fmt", "--check")).toMatchObject([
      {
        file: "a.js",
        kind: "failed",
        output: expect.stringContaining("Biome exited because the configuration resulted in errors"),
      },
    ]);
  });

  test.skipIf(programOf("isort", "debian") === undefined)("isort: files that they skip are left alone", async () => {
    configure('format: { "*.py": "isort" }');
    write("a.py", "import os\nimport abc\n");
    write(".isort.cfg", "[settings]\nskip = a.py\n");
    expect(await findings("fmt", "--check")).toEqual([]);
    expect((await inProject("fmt")).exitCode).toBe(0);
    expect(read("a.py")).toBe("import os\nimport abc\n");
    write(".isort.cfg", "[settings]\nprofile = nonsense\n");
    expect(await findings("fmt", "--check")).toMatchObject([
      { file: "a.py", kind: "failed", output: expect.stringContaining("nonsense does not exist") },
    ]);
  });
});

test.each([
  ["names the files that it means", 'grep -l bad "$@" && exit 1', 4],
  ["names none", 'grep -q bad "$@" && exit 1', 1 + 10],
])("a linter that %s is called no more often than it takes to know which", async (_, script, calls) => {
  await project.write("node_modules/.bin/counted", `#!/bin/sh\necho call >>calls\n${script}\nexit 0\n`);
  chmodSync(at("node_modules/.bin/counted"), 0o755);
  configure('lint: { "*.txt": { command: ["counted"] } }');
  for (let index = 0; index < 10; index++) write(`${index}.txt`, index % 5 === 2 ? "bad\n" : "good\n");
  expect((await findings("lint")).map(({ file }) => file)).toEqual(["2.txt", "7.txt"]);
  expect(read("calls").trim().split("\n")).toHaveLength(calls);
  expect(await answer("lint")).toMatchObject({ files: 10, looked: 2 });
});

test.skipIf(programOf("deadnix", "cargo") === undefined)(
  "deadnix leaves names that a caller may pass to a function",
  async () => {
    configure('lint: { "*.nix": "deadnix" }');
    write("a.nix", "{ pkgs, lib, ... }:\nlet\n  used = 1;\n  unused = 2;\nin\n{ a = used; b = pkgs.hello; }\n");
    expect(await findings("lint")).toMatchObject([{ file: "a.nix", line: 4, column: 3 }]);
    expect((await inProject("lint", "--fix")).exitCode).toBe(0);
    expect(read("a.nix")).toContain("{ pkgs, lib, ... }:");
    expect(read("a.nix")).not.toContain("unused");
  },
);

test.skipIf(programOf("yamllint", "debian") === undefined)(
  "yamllint says the same where GitHub runs it, and its warnings count",
  async () => {
    configure('lint: { "*.yaml": "yamllint" }');
    write("a.yaml", "a: 1\n");
    const env = { GITHUB_ACTIONS: "true", GITHUB_WORKFLOW: "ci" };
    const { stdout } = await floe(["lint", "--json"], { cwd: project.root, env });
    const [found] = lastDocument(stdout)["findings"] as Finding[];
    expect(found).toMatchObject({ file: "a.yaml", line: 1, column: 1 });
    expect(found?.output).toMatch(/^a\.yaml\n +1:1 +warning +missing document start/);
  },
);
