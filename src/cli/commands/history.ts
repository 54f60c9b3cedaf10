import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import type { Verb } from "../verb.ts";

export const history: Verb = {
  name: "history",
  group: "The fleet",
  usage: "[NAME]",
  details: [
    "Lists the applies and rollbacks of this project, the newest first: when, what came of each change, and which were interrupted. With a name, only those that changed that instance, and the systems that an instance updated in place can go back to.",
  ],
  examples: [
    { command: "floe history", what: "what was done from this project" },
    { command: "floe history web-1", what: "what was done to one instance" },
  ],
  command: buildCommand({
    loader: async () => (await import("../actions/history.ts")).history,
    parameters: {
      flags: globalFlags,
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [{ parse: String, placeholder: "NAME", brief: "The name of an instance", optional: true }],
      },
    },
    docs: { brief: "What was applied, and what came of it" },
  }),
};
