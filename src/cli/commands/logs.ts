import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import { oneName } from "../parameters.ts";
import type { Verb } from "../verb.ts";

export const logs: Verb = {
  name: "logs",
  group: "One instance",
  usage: "NAME",
  details: [
    "Prints the instance's console: what its init and services wrote. With --follow it goes on until Ctrl-C.",
    "Incus keeps no console of an instance that was renamed, such as NAME-failed: its last lines are in the message of the apply that failed, and in floe history.",
  ],
  examples: [
    { command: "floe logs web-1", what: "the console so far" },
    { command: "floe logs web-1 --follow", what: "and whatever comes" },
  ],
  command: buildCommand({
    loader: async () => (await import("../actions/logs.ts")).logs,
    parameters: {
      flags: { ...globalFlags, follow: { kind: "boolean", default: false, brief: "Go on until Ctrl-C" } },
      aliases: { ...globalAliases, f: "follow" },
      positional: oneName,
    },
    docs: { brief: "Print an instance's console" },
  }),
};
