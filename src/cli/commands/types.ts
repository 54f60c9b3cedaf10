import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const types: Verb = {
  name: "types",
  group: "The project",
  usage: "[HOST]",
  details: [
    "Reads every option of the fleet's machines and homes, those of third-party modules too, and the names of the packages, and writes them into .floe/types as TypeScript declarations. From then on the editor and tsc know them.",
    "floe check does the same by itself when flake.lock or the modules have changed. Machines that import the same modules are read once.",
    "With HOST only that machine is read, and what it has is added to what is known already.",
  ],
  examples: [
    { command: "floe types", what: "all machines, whether or not something has changed" },
    { command: "floe types crown", what: "after a module was added to this host" },
    { command: "floe types --json", what: "what was read, for a program" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/types.ts")).types,
    parameters: {
      flags: globalFlags,
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [{ parse: String, placeholder: "HOST", brief: "A host, container or home", optional: true }],
      },
    },
    docs: { brief: "Teach the editor the options and packages there are" },
  }),
};
