import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import { oneName } from "../parameters.ts";
import type { Verb } from "../verb.ts";

export const rollback: Verb = {
  name: "rollback",
  group: "The fleet",
  usage: "NAME",
  details: [
    "Puts an instance back to its predecessor, health-checked like an apply, and keeps what runs now as the predecessor: a second rollback undoes the first. The project is not changed, so the next apply would bring the newer one again.",
  ],
  examples: [{ command: "floe rollback web-1", what: "the image and settings web-1 had before" }],
  command: buildCommand({
    loader: async () => (await import("../actions/rollback.ts")).rollback,
    parameters: { flags: globalFlags, aliases: globalAliases, positional: oneName },
    docs: { brief: "Put an instance back to its predecessor" },
  }),
};
