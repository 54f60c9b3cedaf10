/** Formatters and linters that are known by name: how each is called, and where it comes from. */
import type { Tool } from "../model/tooling.ts";

type Preset = Omit<Tool, "name" | "program" | "isForOne" | "settings" | "hint"> &
  Partial<Pick<Tool, "program" | "isForOne" | "settings" | "hint">>;

const prettierSettings = [
  ".prettierrc",
  ".prettierrc.json",
  ".prettierrc.yaml",
  ".prettierrc.yml",
  ".prettierrc.js",
  ".prettierrc.mjs",
  "prettier.config.js",
  "prettier.config.mjs",
  ".prettierignore",
  ".editorconfig",
  "package.json",
];
const eslintSettings = ["eslint.config.js", "eslint.config.mjs", "eslint.config.ts", ".eslintrc.json", "package.json"];
const pythonSettings = ["pyproject.toml", "setup.cfg", "tox.ini"];
const npm = (name: string): string => `Get it with: npm install --save-dev ${name}`;
const cargo = (name: string): string => `Get it with: cargo install ${name}`;
/** crates.io and npm have other programs of these names. */
const nixOnly = (name: string): string => `Get it with: nix profile install nixpkgs#${name}`;

export const formatterPresets = {
  nixfmt: { fix: [], check: ["--check"], package: "nixfmt", hint: nixOnly("nixfmt") },
  "nixpkgs-fmt": { fix: [], check: ["--check"], package: "nixpkgs-fmt", hint: cargo("nixpkgs-fmt") },
  alejandra: { fix: ["--quiet"], check: ["--check", "--quiet"], package: "alejandra", hint: nixOnly("alejandra") },
  prettier: {
    fix: ["--write", "--log-level=warn", "--ignore-unknown"],
    check: ["--check", "--log-level=warn", "--ignore-unknown"],
    package: "prettier",
    settings: prettierSettings,
    hint: npm("prettier"),
  },
  black: { fix: ["--quiet"], check: ["--check", "--quiet"], package: "black", settings: pythonSettings },
  isort: {
    fix: ["--quiet"],
    check: ["--check-only", "--quiet"],
    package: "isort",
    settings: [...pythonSettings, ".isort.cfg"],
  },
  biome: {
    fix: ["format", "--write"],
    check: ["format"],
    package: "biome",
    settings: ["biome.json", "biome.jsonc", ".editorconfig"],
    hint: npm("@biomejs/biome"),
  },
  shfmt: { fix: ["-w"], check: ["-l", "-d"], package: "shfmt", settings: [".editorconfig"] },
  taplo: {
    fix: ["format"],
    check: ["format", "--check"],
    package: "taplo",
    settings: ["taplo.toml", ".taplo.toml"],
    hint: npm("@taplo/cli"),
  },
} as const satisfies Readonly<Record<string, Preset>>;

export const linterPresets = {
  statix: {
    check: ["check"],
    fix: ["fix"],
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
  pylint: { check: [], package: "pylint", settings: [...pythonSettings, ".pylintrc", "pylintrc"] },
  eslint: { check: [], fix: ["--fix"], package: "eslint", settings: eslintSettings, hint: npm("eslint") },
  biome: {
    check: ["lint"],
    fix: ["lint", "--write"],
    package: "biome",
    settings: ["biome.json", "biome.jsonc"],
    hint: npm("@biomejs/biome"),
  },
  shellcheck: { check: [], package: "shellcheck", settings: [".shellcheckrc"] },
  yamllint: { check: ["--strict"], package: "yamllint", settings: [".yamllint", ".yamllint.yaml", ".yamllint.yml"] },
} as const satisfies Readonly<Record<string, Preset>>;

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
