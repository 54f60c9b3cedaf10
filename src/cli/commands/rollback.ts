import { globalAliases, globalFlags } from "../flags.ts";
import { parseCount } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const rollback: Verb = {
  name: "rollback",
  group: "The fleet",
  usage: "NAME [--to N]",
  details: [
    "Puts an instance, a host or a home back to what it was before. The project is not changed, so the next apply or switch would bring the newer one again.",
    "An instance goes back to its predecessor, health-checked like an apply, and what runs now is kept as the predecessor: a second rollback undoes the first. One that is updated in place goes to any of those that floe history NAME lists.",
    "A host is switched to an earlier generation, as floe switch does it: if the machine cannot be reached afterwards, or is not healthy, it comes back to what it runs now. No generation is deleted.",
  ],
  examples: [
    { command: "floe rollback web-1", what: "the image and settings web-1 had before" },
    { command: "floe rollback crown", what: "the system that the host crown had before" },
    { command: "floe rollback host:crown --to 41", what: "generation 41 of a host; floe history crown lists them" },
    { command: "floe rollback me@laptop", what: "the generation of a home before" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/rollback.ts")).rollback,
    parameters: {
      flags: {
        ...globalFlags,
        to: {
          kind: "parsed",
          parse: parseCount,
          placeholder: "N",
          optional: true,
          brief: "The generation to go back to; default: the one before",
        },
        forceHost: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Take the machine for the host although its name or machine id says otherwise",
        },
      },
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [{ parse: String, placeholder: "NAME", brief: "The name of an instance, host or home" }],
      },
    },
    docs: { brief: "Put an instance, a host or a home back to what it was before" },
  }),
};
