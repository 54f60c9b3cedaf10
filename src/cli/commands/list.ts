import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import { selectors } from "../parameters.ts";
import type { Verb } from "../verb.ts";

export const list: Verb = {
  name: "list",
  group: "The fleet",
  usage: "[SELECTOR...]",
  details: [
    "Hosts, containers and their instances: state, addresses and ports, the age of the image that runs, and whether health checks passed. A server that does not answer is named; the rest is still listed.",
  ],
  examples: [
    { command: "floe list", what: "the whole fleet" },
    { command: "floe list '@server'", what: "what carries the tag server" },
  ],
  command: buildCommand({
    loader: async () => (await import("../actions/list.ts")).list,
    parameters: { flags: globalFlags, aliases: globalAliases, positional: selectors },
    docs: { brief: "What there is and how it is" },
  }),
};
