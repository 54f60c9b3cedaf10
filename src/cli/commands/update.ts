import { globalAliases, globalFlags } from "../flags.ts";
import { inputNames } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

const brief = (text: string) => ({ kind: "boolean", default: false, withNegated: false, brief: text }) as const;

export const update: Verb = {
  name: "update",
  group: "The project",
  usage: "[INPUT...]",
  details: [
    "Looks for newer revisions of the flake's inputs, or of those that are named, and shows what they would change before anything is kept: revisions and commits, and the packages of each host, container, home and dev shell. Nothing is switched.",
    "All of it is found out in a copy: until you say yes, flake.lock stays as it is. It also does when something that evaluated before no longer does; --keep keeps the new lock nevertheless, for you to mend the rest.",
    "Packages are compared by their derivations, which tell what the configuration names; where both systems are in the store, or with --build, by all that they hold.",
    "--revert puts the lock from before the last update back, unless somebody has changed it since.",
    "Says which inputs are old: a nixpkgs after 30 days, anything else after 180; and which input brings a second nixpkgs, with the line that mends it.",
  ],
  examples: [
    { command: "floe update", what: "all inputs; shows, then asks" },
    { command: "floe update nixpkgs --dry-run", what: "only look" },
    { command: "floe update nixpkgs --build --commit", what: "build what changes, then keep and commit the lock" },
    { command: "floe update --revert", what: "back to the lock before" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/update.ts")).update,
    parameters: {
      flags: {
        ...globalFlags,
        dryRun: brief("Only show what would change"),
        build: brief("Build what changes; what cannot be built is not kept"),
        keep: brief("Keep the new lock also when something no longer evaluates or builds"),
        commit: brief("Commit the new lock, and nothing else that is changed or staged"),
        revert: brief("Put the lock from before the last update back"),
        force: brief("With --revert: also when the lock was changed since, or is committed"),
      },
      aliases: globalAliases,
      positional: inputNames,
    },
    docs: { brief: "Update the flake's inputs and show what that changes" },
  }),
};
