import { globalAliases, globalFlags } from "../flags.ts";
import { parseCount } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

const keep = {
  kind: "parsed",
  parse: parseCount,
  placeholder: "N",
  brief: "The newest of each container that stay; default: as many as its instances keep",
  optional: true,
} as const;

const positional = { kind: "tuple", parameters: [] } as const;

export const imageList: Verb = {
  name: "image list",
  group: "Storage",
  usage: "",
  details: [
    "The images that this fleet sent to its servers, in every project: what was made from each, its size and age, the git commit of the project that it was built from, and why floe image prune leaves it.",
  ],
  examples: [
    { command: "floe image list", what: "this fleet's images" },
    { command: "floe image list --all", what: "and everybody else's" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/image.ts")).imageList,
    parameters: {
      flags: {
        ...globalFlags,
        all: { kind: "boolean", default: false, withNegated: false, brief: "Also images that are not this fleet's" },
        keep,
      },
      aliases: { ...globalAliases, a: "all" },
      positional,
    },
    docs: { brief: "Images on the servers and what uses them" },
  }),
};

export const imagePrune: Verb = {
  name: "image prune",
  group: "Storage",
  usage: "",
  details: [
    "Says which of this fleet's images nothing needs; with --yes they are deleted. Never one that an instance of any project was made from or can go back to, that has an alias, or that is among the newest of its container.",
    "Images of a container that is no longer described go as soon as nothing uses them.",
  ],
  examples: [
    { command: "floe image prune", what: "what would go, and how much that frees" },
    { command: "floe image prune --yes", what: "delete it" },
    { command: "floe image prune --keep 1", what: "leave only the newest of each container" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/image.ts")).imagePrune,
    parameters: { flags: { ...globalFlags, keep }, aliases: globalAliases, positional },
    docs: { brief: "Delete images that nothing needs" },
  }),
};
