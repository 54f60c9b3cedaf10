import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const check: Verb = {
  name: "check",
  group: "The project",
  usage: "",
  details: [
    "Three questions: do the types hold (tsc), are the generated flake files true to the TypeScript, and does every host, image, home and shell evaluate?",
    "All problems are gathered into one report, each at the line of the TypeScript that it comes from. Nothing is written and nothing is built.",
    "Machines that read the revision of the project, and so are new with every commit, are named; that is no problem by itself.",
  ],
  examples: [
    { command: "floe check", what: "before a commit" },
    { command: "floe check --watch", what: "again after each save" },
    { command: "floe check --show-trace", what: "with all that nix says about an error" },
    { command: "floe check --json", what: "the same for a program" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/check.ts")).check,
    parameters: {
      flags: {
        ...globalFlags,
        watch: { kind: "boolean", default: false, withNegated: false, brief: "Check again whenever a file is saved" },
      },
      aliases: globalAliases,
    },
    docs: { brief: "Types, generated files and evaluation, in one report" },
  }),
};
