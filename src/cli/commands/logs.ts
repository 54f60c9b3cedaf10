import { globalAliases, globalFlags } from "../flags.ts";
import { oneName, parseCount } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const logs: Verb = {
  name: "logs",
  group: "One instance",
  usage: "NAME",
  details: [
    "Prints the journal of an instance that runs systemd, since its last boot; of any other one, or with --console, its console: what its init and services wrote. With --follow it goes on until Ctrl-C.",
    "Incus keeps no console of an instance that was renamed, such as NAME-failed: its last lines are in the message of the apply that failed, and in floe history.",
  ],
  examples: [
    { command: "floe logs web-1", what: "everything so far" },
    { command: "floe logs web-1 -n 20 --follow", what: "the last lines and whatever comes" },
    { command: "floe logs web-1 --unit nginx", what: "one service" },
    { command: "floe logs web-1 --console", what: "from before systemd was up" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/logs.ts")).logs,
    parameters: {
      flags: {
        ...globalFlags,
        follow: { kind: "boolean", default: false, withNegated: false, brief: "Go on until Ctrl-C" },
        lines: { kind: "parsed", parse: parseCount, placeholder: "N", brief: "Only the last N lines", optional: true },
        unit: {
          kind: "parsed",
          parse: String,
          placeholder: "UNIT",
          brief: "Only the journal of a unit of systemd; a glob fits several",
          optional: true,
        },
        console: { kind: "boolean", default: false, withNegated: false, brief: "The console instead of the journal" },
      },
      aliases: { ...globalAliases, f: "follow", n: "lines", u: "unit" },
      positional: oneName,
    },
    docs: { brief: "Print an instance's journal or console" },
  }),
};
