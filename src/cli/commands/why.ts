import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const why: Verb = {
  name: "why",
  group: "The project",
  usage: "OPTION [HOST]",
  details: [
    "The value that an option has on a host, in a container or in a home, every definition of it with its place and priority, and what the option is: its type, default, declaration and description. For a group of options it lists them.",
    "Names that hold dots stand in quotes, as in Nix. Without HOST, the host that has this machine's name, or the only one.",
    "Of modules that are not part of the project, only the definitions that make the value are known.",
  ],
  examples: [
    { command: "floe why networking.hostName", what: "on this machine, or the only host" },
    { command: "floe why services.openssh crown", what: "what there is below services.openssh" },
    { command: `floe why 'fileSystems."/".device' crown --json`, what: "a name in quotes, for a program" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/why.ts")).why,
    parameters: {
      flags: globalFlags,
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [
          { parse: String, placeholder: "OPTION", brief: "services.openssh.enable" },
          { parse: String, placeholder: "HOST", brief: "A host, container or home", optional: true },
        ],
      },
    },
    docs: { brief: "Where the value of an option comes from" },
  }),
};
