import { globalAliases, globalFlags } from "../flags.ts";
import { hostSelectors, parseCount } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const gc: Verb = {
  name: "gc",
  group: "Hosts",
  usage: "[SELECTOR...]",
  details: [
    "Lets go of old generations of the system, of users' profiles and of homes, and deletes what only they held, with what nothing holds any more. Without a selector this machine is cleaned up.",
    "A generation is kept when it is one of the newest (--keep), or young (--keep-days). What runs, what was booted and what boots next is always kept, and so is everything that a GC root holds: those of floe, of containers, of builds and of other people. After generations of the system are gone, the boot loader's menu is written anew.",
    "The plan comes first, with what it frees, and nothing is deleted that it does not name. Without a terminal and without --yes nothing is deleted at all.",
  ],
  examples: [
    { command: "floe gc", what: "this machine: the plan, a question, then the work" },
    { command: "floe gc crown --dry-run", what: "only what would go on crown" },
    {
      command: "floe gc @server --keep 3 --keep-days 30 --yes",
      what: "three generations or thirty days, on all with the tag",
    },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/gc.ts")).gc,
    parameters: {
      flags: {
        ...globalFlags,
        keep: {
          kind: "parsed",
          parse: parseCount,
          placeholder: "N",
          optional: true,
          brief: "Keep the N newest generations of each profile; default 5, or what the host says",
        },
        keepDays: {
          kind: "parsed",
          parse: parseDays,
          placeholder: "D",
          default: "14",
          brief: "Keep generations that are younger than D days",
        },
        dryRun: { kind: "boolean", default: false, withNegated: false, brief: "Show the plan and delete nothing" },
        forceHost: {
          kind: "boolean",
          default: false,
          withNegated: false,
          brief: "Take the machine for the host although its name or machine id says otherwise",
        },
      },
      aliases: globalAliases,
      positional: hostSelectors,
    },
    docs: { brief: "Delete old generations and what only they hold" },
  }),
};

// --- internal ---

/** @throws SyntaxError */
function parseDays(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new SyntaxError(`"${text}" is not a number of days`);
  return Number(text);
}
