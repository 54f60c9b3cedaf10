import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const synth: Verb = {
  name: "synth",
  group: "The project",
  usage: "",
  details: [
    "Writes flake.nix and nix/ from the TypeScript. They are meant to be read and committed: plain nix commands work on them without floe.",
    "plan, apply and build do this first by themselves.",
  ],
  examples: [
    { command: "floe synth", what: "write the files that changed" },
    { command: "floe synth --diff", what: "show what would change, write nothing" },
    { command: "floe synth --check", what: "exit with 1 when a file is not up to date" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/synth.ts")).synth,
    parameters: {
      flags: {
        ...globalFlags,
        check: { kind: "boolean", default: false, brief: "Write nothing; exit with 1 when a file would change" },
        diff: { kind: "boolean", default: false, brief: "Write nothing; show the changes" },
      },
      aliases: globalAliases,
    },
    docs: { brief: "Write the flake files" },
  }),
};
