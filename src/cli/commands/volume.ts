import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const volumeList: Verb = {
  name: "volume list",
  group: "Storage",
  usage: "",
  details: [
    "The volumes of this fleet on its servers, and those that nothing uses, in every project. An orphan is one that floe made and that no instance is described with any more. floe never deletes a volume: incus storage volume delete POOL NAME does.",
  ],
  examples: [
    { command: "floe volume list", what: "this fleet's volumes, and unused ones" },
    { command: "floe volume list --orphans", what: "only what is left over" },
    { command: "floe volume list --all", what: "everybody's" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/volume.ts")).volumeList,
    parameters: {
      flags: {
        ...globalFlags,
        all: { kind: "boolean", default: false, withNegated: false, brief: "Also volumes of others that are in use" },
        orphans: { kind: "boolean", default: false, withNegated: false, brief: "Only orphans and what nothing uses" },
      },
      aliases: { ...globalAliases, a: "all" },
      positional: { kind: "tuple", parameters: [] },
    },
    docs: { brief: "Volumes on the servers, orphans too" },
  }),
};
