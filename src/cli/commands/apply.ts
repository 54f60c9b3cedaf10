import { driftFlags } from "../drift.ts";
import { globalAliases, globalFlags } from "../flags.ts";
import { parseCount } from "../parameters.ts";
import { unattendedFlags } from "../unattended-flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const apply: Verb = {
  name: "apply",
  group: "The fleet",
  usage: "[FILE | SELECTOR...]",
  details: [
    "Plans, asks, builds what changed and carries it out. A running instance is kept until its successor is healthy, and comes back by itself when it is not. Volumes and mounts are never deleted.",
    "An argument with a dot or a slash is a plan saved by plan -o; it is refused when the world has moved since. An apply that was killed is finished or undone by the next one.",
    "Instances change in the order that the plan shows: after those they depend on, a canary before its siblings, a higher boot priority first. One that fails spares those that depend on it and the other instances of its image; each of them is named with the reason.",
    "What was changed on the server by hand is kept, through updates too; --fix-drift puts it back. Where the project changed the same thing, the project wins.",
    "With --json, stdout gets one JSON document a line: every event as it happens, the result last.",
    "Exits with 4 when changes failed and were undone, 5 when an undo failed too.",
  ],
  examples: [
    { command: "floe apply", what: "show the plan, ask, do it" },
    { command: "floe apply --yes web-1", what: "one instance, no question" },
    { command: "floe apply plan.json", what: "exactly a saved plan" },
    { command: "floe apply --canary --max-parallel 4", what: "one instance of each image first, then four at a time" },
    {
      command: "floe apply --yes --instances running --update-inputs nixpkgs --notify",
      what: "what a nightly apply does; floe nightly sets it up",
    },
    { command: "floe apply --prune", what: "also delete instances and profiles that are no longer described" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/apply.ts")).apply,
    parameters: {
      flags: {
        ...globalFlags,
        ...driftFlags,
        ...unattendedFlags,
        partial: { kind: "boolean", default: false, brief: "Carry out the sound parts of a plan that has problems" },
        canary: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Change the first instance of each image alone, the others once it is healthy",
        },
        maxParallel: {
          kind: "parsed",
          parse: parseCount,
          placeholder: "N",
          brief: "Change at most N instances at the same time; default 2, or what a container's rollout asks for",
          optional: true,
        },
        failFast: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "After the first failure begin nothing more, not even what does not depend on it",
        },
        prune: {
          kind: "boolean",
          default: false,
          brief: "Delete the fleet's instances and profiles that are no longer described (volumes stay)",
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
