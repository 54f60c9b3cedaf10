import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const init: Verb = {
  name: "init",
  group: "Start",
  usage: "[DIR]",
  details: [
    "Writes a small project: one host, one container, a module, a dev shell, with nixpkgs also a home. A file that is there already is never overwritten.",
    "firn is the small base that floe brings with it: enough to try everything, without a network. nixpkgs is for real machines.",
  ],
  examples: [
    { command: "floe init home", what: "ask which base to use, then write ./home" },
    { command: "floe init home --firn", what: "a project to try floe with, no network needed" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/init.ts")).init,
    parameters: {
      flags: {
        ...globalFlags,
        firn: { kind: "boolean", default: false, brief: "Use the embedded base" },
        nixpkgs: { kind: "boolean", default: false, brief: "Use nixpkgs, from the network" },
      },
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [{ parse: String, placeholder: "DIR", brief: "The folder; default: this one", optional: true }],
      },
    },
    docs: { brief: "Write a small project to begin with" },
  }),
};
