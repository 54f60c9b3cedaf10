import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const adoptIncus: Verb = {
  name: "adopt incus",
  group: "Start",
  usage: "[NAME...]",
  details: [
    "Takes over instances that were made by hand: writes TypeScript that says exactly what is there, and marks them as this project's. They go on running untouched, and a plan right afterwards has nothing to do. Without a name, all instances that no fleet owns. Volumes and data stay where they are.",
    "Their images are named by fingerprint. To let floe build one from then on, put a module in its place: container({ instances }, { services: ... }).",
    "--profiles makes the profiles that they use the project's own; --fold writes a profile that a single instance uses into that instance. --from reads what is kept beside Incus by hand: profiles as incus profile show prints them, NAME.user-data and its like, and a map INSTANCE: IMAGE for instances that are to be made.",
  ],
  examples: [
    { command: "floe adopt incus", what: "look at what there is, and be asked" },
    { command: "floe adopt incus web db --fold", what: "two instances, their own profiles written into them" },
    { command: "floe adopt incus --from ~/incus --profiles", what: "with the YAML that scripts use today" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/adopt-incus.ts")).adoptIncus,
    parameters: {
      flags: {
        ...globalFlags,
        server: {
          kind: "parsed",
          parse: String,
          placeholder: "NAME",
          brief: "The Incus server, as the project calls it; default: the only one, or local",
          optional: true,
        },
        incusProject: {
          kind: "parsed",
          parse: String,
          placeholder: "NAME",
          brief: "The Incus project; default: default",
          optional: true,
        },
        from: {
          kind: "parsed",
          parse: String,
          placeholder: "DIR",
          brief: "A folder with profiles, seeds and a map of instances to images",
          optional: true,
        },
        profiles: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Their profiles become the project's own",
        },
        fold: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "A profile of one instance alone becomes part of it",
        },
      },
      aliases: globalAliases,
      positional: {
        kind: "array",
        parameter: { parse: String, placeholder: "NAME", brief: "An instance, or a glob such as 'web-*'" },
      },
    },
    docs: { brief: "Take over instances that were made by hand" },
  }),
};
