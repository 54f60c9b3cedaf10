import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

const brief = (text: string) => ({ kind: "boolean", default: false, withNegated: false, brief: text }) as const;

const paths = {
  kind: "array",
  parameter: { parse: String, placeholder: "PATH", brief: "Files and folders; default: the whole project" },
} as const;

const where =
  "Tools come from the project's node_modules, else from the nixpkgs that flake.lock pins, else from the PATH; one that is missing is said with the way to get it. What a tool had nothing to say about is not shown to it again until the file, the tool or its settings change.";
const staged = brief("Only what is staged for the next commit, as it is staged");

export const fmt: Verb = {
  name: "fmt",
  group: "The project",
  usage: "[PATH...]",
  details: [
    'Formats files with the formatters that floe.config.ts names: format: { "*.nix": "nixfmt", "*.{ts,json}": "prettier", "*.py": ["isort", "black"] }. Known ones: nixfmt, nixpkgs-fmt, alejandra, prettier, black, isort, biome, shfmt, taplo; any other is { command: ["NAME", "--flag"] }. What git ignores, and exclude: ["vendor/"], is left alone.',
    where,
    "Exits with 1 when a file could not be formatted; with --check when one is not.",
  ],
  examples: [
    { command: "floe fmt", what: "the whole project" },
    { command: "floe fmt --check", what: "change nothing; for CI" },
    { command: "floe fmt --staged", what: "what is about to be committed, and stage it again" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/fmt.ts")).fmt,
    parameters: {
      flags: { ...globalFlags, check: brief("Change nothing; exit with 1 when a file is not formatted"), staged },
      aliases: globalAliases,
      positional: paths,
    },
    docs: { brief: "Format the project's files" },
  }),
};

export const lint: Verb = {
  name: "lint",
  group: "The project",
  usage: "[PATH...]",
  details: [
    'Looks at files with the linters that floe.config.ts names: lint: { "*.nix": ["statix", "deadnix"], "*.sh": "shellcheck" }. Known ones: statix, deadnix, pylint, eslint, biome, shellcheck, yamllint; any other is { command: ["NAME", "--flag"] }.',
    where,
    "Exits with 1 when a linter finds something.",
  ],
  examples: [
    { command: "floe lint", what: "the whole project" },
    { command: "floe lint --fix", what: "change what the linters can change themselves" },
    { command: "floe lint --staged", what: "what is about to be committed" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/fmt.ts")).lint,
    parameters: {
      flags: { ...globalFlags, fix: brief("Let the linters change what they can"), staged },
      aliases: globalAliases,
      positional: paths,
    },
    docs: { brief: "Look for mistakes in the project's files" },
  }),
};
