import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const options: Verb = {
  name: "options",
  group: "The project",
  usage: "WORD... [--host HOST]",
  details: [
    "Searches the options that a host's modules declare, third-party ones too: those whose name or description has every word, the likeliest first.",
  ],
  examples: [
    { command: "floe options firewall port", what: "options about both" },
    { command: "floe options postgresql --host db", what: "as the container db declares them" },
    { command: "floe options ssh --all", what: "all of them, not only the first" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/options.ts")).options,
    parameters: {
      flags: {
        ...globalFlags,
        host: {
          kind: "parsed",
          parse: String,
          placeholder: "HOST",
          brief: "The host, container or home whose options are searched; default: the first host",
          optional: true,
        },
        all: { kind: "boolean", default: false, withNegated: false, brief: "Show everything that was found" },
      },
      aliases: globalAliases,
      positional: {
        kind: "array",
        parameter: { parse: String, placeholder: "WORD", brief: "A part of a name, or a word of a description" },
        minimum: 1,
      },
    },
    docs: { brief: "Search the options there are" },
  }),
};
