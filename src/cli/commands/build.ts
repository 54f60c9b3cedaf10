import { buildCommand } from "@stricli/core";
import { globalAliases, globalFlags } from "../flags.ts";
import { buildOnFlag } from "../host-flags.ts";
import { selectors } from "../parameters.ts";
import type { Verb } from "../verb.ts";

export const build: Verb = {
  name: "build",
  group: "The project",
  usage: "[SELECTOR...]",
  details: [
    "Builds container images and hosts' systems and prints their store paths, one a line. Nothing is applied. What was built is kept from garbage collection by links in .floe/roots.",
    "Nix also builds on the fleet's builders, and what was built here goes to the fleet's caches.",
  ],
  examples: [
    { command: "floe build", what: "everything" },
    { command: "floe build container:web", what: "one image: its root file system and its metadata" },
    { command: "floe build host:crown", what: "one host's system" },
    { command: "floe build host:crown --build-on target", what: "on crown itself" },
  ],
  command: buildCommand({
    loader: async () => (await import("../actions/build.ts")).build,
    parameters: { flags: { ...globalFlags, buildOn: buildOnFlag }, aliases: globalAliases, positional: selectors },
    docs: { brief: "Build images and hosts' systems, print their paths" },
  }),
};
