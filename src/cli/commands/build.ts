import { globalAliases, globalFlags } from "../flags.ts";
import { buildOnFlag } from "../host-flags.ts";
import { buildSelectors } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const build: Verb = {
  name: "build",
  group: "The project",
  usage: "[SELECTOR...]",
  details: [
    "Builds container images, hosts' systems and homes, and prints their store paths, one a line. Nothing is applied. What was built is kept from garbage collection by links in .floe/roots.",
    "Nix also builds on the fleet's builders, and what was built here goes to the fleet's caches.",
    "With --changed-since only what has other derivations than at the commit where this branch left the other; floe diff says what that is.",
  ],
  examples: [
    { command: "floe build", what: "everything" },
    { command: "floe build container:web", what: "one image: its root file system and its metadata" },
    { command: "floe build host:crown", what: "one host's system" },
    { command: "floe build me@laptop", what: "one home" },
    { command: "floe build host:crown --build-on target", what: "on crown itself" },
    { command: "floe build --changed-since main", what: "what this branch makes different, shells as well" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/build.ts")).build,
    parameters: {
      flags: {
        ...globalFlags,
        buildOn: buildOnFlag,
        changedSince: {
          kind: "parsed",
          parse: String,
          placeholder: "COMMIT",
          brief: "Only what differs from this branch, tag or commit",
          optional: true,
        },
        noPush: { kind: "boolean", default: false, withNegated: false, brief: "Leave the fleet's caches alone" },
        pushKey: {
          kind: "parsed",
          parse: String,
          placeholder: "FILE",
          brief: "Sign for the caches with this secret key, not with those that the fleet names",
          optional: true,
        },
      },
      aliases: globalAliases,
      positional: buildSelectors,
    },
    docs: { brief: "Build images, hosts' systems and homes, print their paths" },
  }),
};
