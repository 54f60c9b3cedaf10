import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

const nothing = { kind: "tuple", parameters: [] } as const;

export const hooksInstall: Verb = {
  name: "hooks install",
  group: "The project",
  usage: "[--pre-commit]",
  details: [
    "Makes git check what is about to be committed, with the fleet's formatters and linters: what is staged, as it is staged. With --pre-commit it writes a .pre-commit-config.yaml instead, for those who use that.",
    "It is kept current: entering a dev shell writes it again when formatters or linters came or went. A hook that is there already, or that somebody has changed, is left as it is.",
  ],
  examples: [
    { command: "floe hooks install", what: "a git hook" },
    { command: "floe hooks install --pre-commit", what: "then: pre-commit install" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/hooks.ts")).hooksInstall,
    parameters: {
      flags: {
        ...globalFlags,
        preCommit: { kind: "boolean", default: false, withNegated: false, brief: "Write a .pre-commit-config.yaml" },
      },
      aliases: globalAliases,
      positional: nothing,
    },
    docs: { brief: "Check each commit" },
  }),
};

export const hooksRemove: Verb = {
  name: "hooks remove",
  group: "The project",
  usage: "",
  details: ["Takes away what floe hooks install wrote, unless somebody has changed it since."],
  examples: [{ command: "floe hooks remove", what: "commits are not checked any more" }],
  command: describeCommand({
    loader: async () => (await import("../actions/hooks.ts")).hooksRemove,
    parameters: { flags: globalFlags, aliases: globalAliases, positional: nothing },
    docs: { brief: "Check commits no more" },
  }),
};
