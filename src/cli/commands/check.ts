import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import type { Verb } from "../verb.ts";

export const check: Verb = {
  name: "check",
  group: "The project",
  usage: "",
  details: [
    "Three questions: do the types hold (tsc), are the generated flake files true to the TypeScript, and does every host, image and shell evaluate?",
    "All problems are gathered into one report. Nothing is written and nothing is built.",
  ],
  examples: [
    { command: "floe check", what: "before a commit" },
    { command: "floe check --json", what: "the same for a program" },
  ],
  command: buildCommand({
    loader: async () => (await import("../actions/check.ts")).check,
    parameters: { flags: globalFlags, aliases: globalAliases },
    docs: { brief: "Types, generated files and evaluation, in one report" },
  }),
};
