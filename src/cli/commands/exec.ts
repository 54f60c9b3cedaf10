import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const exec: Verb = {
  name: "exec",
  group: "One instance",
  usage: "NAME [-- COMMAND...]",
  details: [
    "Runs a command in an instance and ends with its exit code. On a terminal it is interactive; without a command it is a shell.",
  ],
  examples: [
    { command: "floe exec web-1", what: "a shell" },
    { command: "floe exec web-1 -- cat /etc/os-release", what: "one command" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/exec.ts")).exec,
    parameters: {
      flags: globalFlags,
      aliases: globalAliases,
      positional: {
        kind: "array",
        minimum: 1,
        parameter: {
          parse: String,
          placeholder: "NAME | COMMAND",
          brief: "The instance; then, after --, the command and its arguments",
        },
      },
    },
    docs: { brief: "Run a command in an instance" },
  }),
};
