import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import type { Verb } from "../verb.ts";

export const apply: Verb = {
  name: "apply",
  group: "The fleet",
  usage: "[FILE | SELECTOR...]",
  details: [
    "Plans, asks, builds what changed and carries it out. A running instance is kept until its successor is healthy, and comes back by itself when it is not. Volumes and mounts are never deleted.",
    "An argument with a dot or a slash is a plan saved by plan -o; it is refused when the world has moved since. An apply that was killed is finished or undone by the next one.",
    "With --json, stdout gets one JSON document a line: every event as it happens, the result last.",
    "Exits with 4 when changes failed and were undone, 5 when an undo failed too.",
  ],
  examples: [
    { command: "floe apply", what: "show the plan, ask, do it" },
    { command: "floe apply --yes web-1", what: "one instance, no question" },
    { command: "floe apply plan.json", what: "exactly a saved plan" },
    { command: "floe apply --prune", what: "also delete instances that are no longer described" },
  ],
  command: buildCommand({
    loader: async () => (await import("../actions/apply.ts")).apply,
    parameters: {
      flags: {
        ...globalFlags,
        partial: { kind: "boolean", default: false, brief: "Carry out the sound parts of a plan that has problems" },
        prune: {
          kind: "boolean",
          default: false,
          brief: "Delete the fleet's instances that are no longer described (volumes stay)",
        },
      },
      aliases: globalAliases,
      positional: {
        kind: "array",
        parameter: {
          parse: String,
          placeholder: "FILE | SELECTOR",
          brief: "A saved plan, or what to apply: web-1, container:web, @tag, 'web-*'",
        },
      },
    },
    docs: { brief: "Make the world match the project" },
  }),
};
