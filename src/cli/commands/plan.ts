import { driftFlags } from "../drift.ts";
import { globalAliases, globalFlags } from "../flags.ts";
import { selectors } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const plan: Verb = {
  name: "plan",
  group: "The fleet",
  usage: "[SELECTOR...]",
  details: [
    "Evaluates the project, looks at what runs, and says what apply would change and why. Nothing is changed but the generated flake files.",
    "Hosts that are named, or have a target, are looked at too; what would change on them is for floe switch to do. Their systems are built for that, nothing is copied to them, and nobody is asked for a password.",
    "Each difference says how far it reaches: at once (live), after a restart, or only in a new root file system; and each change for how long the instance will not serve, as a guess from earlier applies.",
    "What somebody changed on the server by hand since the last apply is drift. It is shown and kept; --fix-drift plans to put it back. Where the project changed the same thing too, the project wins.",
    "With --exit-code: 0 when there is nothing to do, 3 when there are changes, 1 or 2 when something is wrong.",
  ],
  examples: [
    { command: "floe plan", what: "what apply would do" },
    { command: "floe plan container:web", what: "only what concerns one container" },
    { command: "floe plan crown", what: "what floe switch crown would do" },
    { command: "floe plan --fix-drift", what: "also put back what was changed by hand" },
    { command: "floe plan -o plan.json && floe apply plan.json", what: "apply exactly what was read" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/plan.ts")).plan,
    parameters: {
      flags: {
        ...globalFlags,
        out: {
          kind: "parsed",
          parse: String,
          placeholder: "FILE",
          brief: "Save the plan, for apply FILE",
          optional: true,
        },
        noBuild: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Do not build the systems of hosts: compare their packages by derivation",
        },
        ...driftFlags,
        exitCode: { kind: "boolean", default: false, brief: "Exit with 3 when there are changes" },
      },
      aliases: { ...globalAliases, o: "out" },
      positional: selectors,
    },
    docs: { brief: "Say what would change and why" },
  }),
};
