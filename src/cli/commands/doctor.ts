import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const doctor: Verb = {
  name: "doctor",
  group: "Start",
  usage: "[VERB]",
  details: [
    "Looks at node, nix, the Incus servers, the programs and tools that the project needs, git, disk space, the way to the hosts and floe's own files, and names the command that mends what is wrong. It changes nothing.",
    "With a verb only what that one needs; with --hosts it also connects to every host of the fleet.",
    "Works outside a project too. Exits with 1 when something has to be mended; warnings and hints alone are no failure.",
  ],
  examples: [
    { command: "floe doctor", what: "is this machine ready?" },
    { command: "floe doctor apply", what: "for that alone?" },
    { command: "floe doctor --hosts", what: "do the hosts answer as well?" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/doctor.ts")).doctor,
    parameters: {
      flags: {
        ...globalFlags,
        hosts: { kind: "boolean", default: false, withNegated: false, brief: "Connect to each host" },
      },
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [{ parse: String, placeholder: "VERB", brief: "Only what this verb needs", optional: true }],
      },
    },
    docs: { brief: "Check this machine: nix, incus, permissions, disk" },
  }),
};
