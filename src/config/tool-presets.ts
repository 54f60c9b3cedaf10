/** Formatters and linters that are known by name: how each is called, and where it comes from. */
import type { FormatterName, LinterName } from "../authoring/definitions.ts";
import type { Tool } from "../model/tooling.ts";

type Preset = Omit<Tool, "name" | "program" | "isForOne" | "settings" | "hint"> &
  Partial<Pick<Tool, "program" | "isForOne" | "settings" | "hint">>;

/** A configuration file that is a program. */
const scripts = (name: string): string[] => ["js", "mjs", "cjs", "ts", "mts", "cts"].map((end) => `${name}.${end}`);
const prettierSettings = [
  ".prettierrc",
  ...["json", "json5", "yaml", "yml", "toml"].map((end) => `.prettierrc.${end}`),
  ...scripts(".prettierrc"),
  ...scripts("prettier.config"),
  ".prettierignore",
  ".editorconfig",
  "package.json",
  "package.yaml",
];
/** Rules that ask for types read what TypeScript reads. Those of `.eslintrc` are of version 8. */
const eslintSettings = [
  ...scripts("eslint.config"),
  ...["json", "js", "cjs", "yaml", "yml"].map((end) => `.eslintrc.${end}`),
  ".eslintignore",
  "package.json",
  "tsconfig.json",
];
const biomeSettings = ["biome.json", "biome.jsonc", ".biome.json", ".biome.jsonc", ".editorconfig", "package.json"];
/** Files that its settings leave out are named to it all the same. */
const biomeWords = ["--no-errors-on-unmatched"];
const pythonSettings = ["pyproject.toml", "setup.cfg", "tox.ini"];
const npm = (name: string): string => `Get it with: npm install --save-dev ${name}`;
const cargo = (name: string): string => `Get it with: cargo install ${name}`;
/** What the other registries have under these names is another program, or a library. */
const nixOnly = (name: string): string => `Get it with: nix profile install nixpkgs#${name}`;

export const formatterPresets = {
  nixfmt: {
    fix: [],
    check: ["--check"],
    unformatted: ": not formatted$",
    package: "nixfmt",
    hint: nixOnly("nixfmt"),
  },
  "nixpkgs-fmt": {
    // Of a file with a syntax error it says nothing, and ends well.
    fix: [],
    check: ["--check"],
    unformatted: "^error: fail on changes$",
    package: "nixpkgs-fmt",
    hint: cargo("nixpkgs-fmt"),
  },
  alejandra: {
    fix: ["--quiet"],
    check: ["--check", "--quiet"],
    unformatted: 2,
    package: "alejandra",
    settings: ["alejandra.toml"],
    hint: nixOnly("alejandra"),
  },
  prettier: {
    fix: ["--write", "--log-level=warn", "--ignore-unknown"],
    check: ["--check", "--log-level=warn", "--ignore-unknown"],
    package: "prettier",
    settings: prettierSettings,
    hint: npm("prettier"),
  },
  black: { fix: ["--quiet"], check: ["--check", "--quiet"], package: "black", settings: pythonSettings },
  isort: {
    // Files that its settings skip are named to it all the same.
    fix: ["--quiet", "--filter-files"],
    check: ["--check-only", "--quiet", "--filter-files"],
    unformatted: "Imports are incorrectly sorted",
    package: "isort",
    settings: [...pythonSettings, ".isort.cfg", ".editorconfig"],
  },
  biome: {
    fix: ["format", "--write", ...biomeWords],
    check: ["format", ...biomeWords],
    unformatted: "Formatter would have printed",
    package: "biome",
    settings: biomeSettings,
    hint: npm("@biomejs/biome"),
  },
  shfmt: { fix: ["-w"], check: ["-d"], unformatted: "^--- ", package: "shfmt", settings: [".editorconfig"] },
  taplo: {
    fix: ["format"],
    check: ["format", "--check"],
    unformatted: "the file is not properly formatted",
    package: "taplo",
    settings: ["taplo.toml", ".taplo.toml"],
    hint: npm("@taplo/cli"),
  },
} as const satisfies Readonly<Record<FormatterName, Preset>>;

export const linterPresets = {
  statix: {
    check: ["check"],
    fix: ["fix"],
    // It ends well with settings that it cannot read, and of a file that is no text.
    failure: "^(?:config|fixer) error: |contains non-utf8 content$",
    package: "statix",
    isForOne: true,
    settings: ["statix.toml"],
    hint: nixOnly("statix"),
  },
  deadnix: {
    // Names that a module's or a package's function takes and does not use: whoever calls it may pass them.
    check: ["--fail", "--no-lambda-pattern-names"],
    fix: ["--edit", "--no-lambda-pattern-names"],
    // Of a file that it cannot read it ends well.
    failure: "^Error parsing file",
    package: "deadnix",
    hint: cargo("deadnix"),
  },
  pylint: {
    // That two files are alike is a finding of neither, and depends on which are looked at together.
    check: ["--score=n", "--disable=duplicate-code"],
    // With settings that it cannot read it goes on without them.
    failure: "\\((?:config-parse-error|bad-plugin-value)\\)$",
    package: "pylint",
    settings: [...pythonSettings, ".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml"],
  },
  eslint: { check: [], fix: ["--fix"], package: "eslint", settings: eslintSettings, hint: npm("eslint") },
  biome: {
    check: ["lint", ...biomeWords],
    fix: ["lint", "--write", ...biomeWords],
    package: "biome",
    settings: biomeSettings,
    hint: npm("@biomejs/biome"),
  },
  shellcheck: { check: [], package: "shellcheck", settings: [".shellcheckrc"] },
  yamllint: {
    // Where GitHub runs it, it would speak to GitHub instead.
    check: ["--strict", "--format=standard"],
    package: "yamllint",
    settings: [".yamllint", ".yamllint.yaml", ".yamllint.yml"],
  },
} as const satisfies Readonly<Record<LinterName, Preset>>;

/** A preset by its name, filled in; undefined for another name. */
export function presetTool(presets: Readonly<Record<string, Preset>>, name: string): Tool | undefined {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  return (
    preset && {
      program: name,
      isForOne: false,
      settings: [],
      hint: `Get it with: apt-get install ${name}`,
      ...preset,
      name,
    }
  );
}
