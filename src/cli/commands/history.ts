import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const history: Verb = {
  name: "history",
  group: "The fleet",
  usage: "[NAME]",
  details: [
    "Lists the applies, switches and rollbacks of this project, the newest first: when, what came of each change, and which were interrupted. With a name, only those that changed that instance, host or home.",
    "Of a host or a home it lists the generations too, as they are on the machine: when each was made and by whom, the flake's revision, the version, the kernel, what changed in packages since the one before, and which one runs, was booted and boots next. Of an instance that is updated in place, the systems it can go back to.",
  ],
  examples: [
    { command: "floe history", what: "what was done from this project" },
    { command: "floe history web-1", what: "what was done to one instance" },
    { command: "floe history crown --packages", what: "the generations of a host, with every package that changed" },
    { command: "floe history host:crown", what: "the host, where an instance has the same name" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/history.ts")).history,
    parameters: {
      flags: {
        ...globalFlags,
        packages: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Every package that changed, not only the important ones",
        },
      },
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [
          { parse: String, placeholder: "NAME", brief: "The name of an instance, host or home", optional: true },
        ],
      },
    },
    docs: { brief: "What was applied, and what a machine can go back to" },
  }),
};
