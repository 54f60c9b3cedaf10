import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import type { Verb } from "../verb.ts";

export const doctor: Verb = {
  name: "doctor",
  group: "Start",
  usage: "",
  details: [
    "Looks at node, nix, the Incus servers, the programs the project needs, disk space and floe's own files, and names the command that mends what is wrong. It changes nothing.",
    "Works outside a project too. Exits with 1 when something has to be mended.",
  ],
  examples: [{ command: "floe doctor", what: "is this machine ready?" }],
  command: buildCommand({
    loader: async () => (await import("../actions/doctor.ts")).doctor,
    parameters: { flags: globalFlags, aliases: globalAliases },
    docs: { brief: "Check this machine: nix, incus, permissions, disk" },
  }),
};
