import { globalAliases, globalFlags } from "../flags.ts";
import { selectors } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const list: Verb = {
  name: "list",
  group: "The fleet",
  usage: "[SELECTOR...]",
  details: [
    "Hosts, containers and their instances: state, addresses and ports, the age of the image that runs, and whether health checks passed when it was put in place; with --health whether they pass now. A server that does not answer is named; the rest is still listed.",
    "That an update is available is known when the project as it is now was evaluated before; --outdated evaluates it where needed, and lists only what an apply would bring a new image to.",
  ],
  examples: [
    { command: "floe list", what: "the whole fleet" },
    { command: "floe list --health", what: "and ask every health check now" },
    { command: "floe list --outdated", what: "only what has an update waiting" },
    { command: "floe list '@server'", what: "what carries the tag server" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/list.ts")).list,
    parameters: {
      flags: {
        ...globalFlags,
        health: { kind: "boolean", default: false, withNegated: false, brief: "Ask the health checks now" },
        outdated: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Evaluate where needed; only instances with an update",
        },
      },
      aliases: globalAliases,
      positional: selectors,
    },
    docs: { brief: "What there is and how it is" },
  }),
};
