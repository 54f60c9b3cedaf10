import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const adopt: Verb = {
  name: "adopt",
  group: "Start",
  usage: "",
  details: [
    "Takes over a flake that exists: reads its outputs, and writes a floe.config.ts that names the hosts, home configurations, container images and dev shells in it. From then on list, build, plan, switch, apply and shell work. The flake's Nix stays as it is, byte for byte.",
    "Images are recognised as nixos-generators makes them (web with webMetadata, web-metadata or web_metadata), in config.system.build and in config.system.build.images. Names are enough where they tell; only hosts are evaluated, as far as it takes to tell a machine from an image. What cannot be made out is listed with the way to name it by hand.",
    "An input that cannot be fetched is told, and what does not need it is found all the same. Shows the files first and asks; where there is a floe.config.ts already, it says what that does not name yet.",
  ],
  examples: [
    { command: "floe adopt", what: "look at the flake here, and be asked" },
    { command: "floe adopt --dry-run", what: "see what would be written, and write nothing" },
    { command: "floe adopt -C ~/nixos --yes", what: "another folder, without a question" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/adopt.ts")).adopt,
    parameters: {
      flags: {
        ...globalFlags,
        dryRun: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Show what would be written, and write nothing",
        },
      },
      aliases: globalAliases,
      positional: { kind: "tuple", parameters: [] },
    },
    docs: { brief: "Take over a flake that exists" },
  }),
};
