import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import { oneName, parseCount } from "../parameters.ts";
import type { Verb } from "../verb.ts";

export const rollback: Verb = {
  name: "rollback",
  group: "The fleet",
  usage: "NAME [--to N]",
  details: [
    "Puts an instance back to its predecessor, health-checked like an apply, and keeps what runs now as the predecessor: a second rollback undoes the first. The project is not changed, so the next apply would bring the newer one again.",
    "An instance that is updated in place goes back to the system before, or to any of those that floe history NAME lists.",
  ],
  examples: [
    { command: "floe rollback web-1", what: "the image and settings web-1 had before" },
    { command: "floe rollback web-1 --to 3", what: "generation 3 of an instance that is updated in place" },
  ],
  command: buildCommand({
    loader: async () => (await import("../actions/rollback.ts")).rollback,
    parameters: {
      flags: {
        ...globalFlags,
        to: {
          kind: "parsed",
          parse: parseCount,
          placeholder: "N",
          optional: true,
          brief: "The generation to go back to, for an instance that is updated in place",
        },
      },
      aliases: globalAliases,
      positional: oneName,
    },
    docs: { brief: "Put an instance back to its predecessor" },
  }),
};
