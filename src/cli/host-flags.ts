/** Flags of the verbs that switch hosts. */
import type { GlobalFlags } from "./flags.ts";
import { parseCount } from "./parameters.ts";

export interface HostFlags extends GlobalFlags {
  readonly maxParallel?: number;
  readonly canary: boolean;
  readonly failFast: boolean;
  readonly keepGoing: boolean;
  readonly revertAll: boolean;
  readonly noRollback: boolean;
  readonly forceHost: boolean;
  readonly adopt: boolean;
  readonly buildOn?: "here" | "target";
  readonly storePath?: string;
  readonly reboot: boolean;
  readonly backup?: string;
}

const flag = { kind: "boolean", default: false, withNegated: false } as const;

/** Where systems are built, against what the hosts say. */
export const buildOnFlag = {
  kind: "enum",
  values: ["here", "target"],
  brief: "Build hosts here (with the fleet's builders), or each on its own machine",
  optional: true,
} as const;

export const hostFlags = {
  maxParallel: {
    kind: "parsed",
    parse: parseCount,
    placeholder: "N",
    brief: "Switch at most N machines at the same time; default 5, or what the fleet's rollout says",
    optional: true,
  },
  canary: { ...flag, brief: "Switch the first machine alone, the others once it is healthy" },
  failFast: { ...flag, brief: "Change nothing when one host cannot be reached, evaluated or built" },
  keepGoing: { ...flag, brief: "After a failed switch go on with what does not depend on it" },
  revertAll: { ...flag, brief: "When one fails, those that are done go back too" },
  noRollback: { ...flag, brief: "Keep the new system although checks or units fail" },
  forceHost: { ...flag, brief: "Take the machine for the host although its name or machine id says otherwise" },
  adopt: { ...flag, brief: "Replace what somebody else deployed there" },
  buildOn: buildOnFlag,
  storePath: {
    kind: "parsed",
    parse: String,
    placeholder: "PATH",
    brief: "Deploy this system, without evaluating the project; for one host",
    optional: true,
  },
  reboot: { ...flag, brief: "Reboot where that is needed, wait, and look whether the machine works" },
  backup: {
    kind: "parsed",
    parse: parseExtension,
    placeholder: "EXT",
    brief: "Homes: rename files that are in the way to NAME.EXT; default: they are refused",
    optional: true,
  },
} as const;

// --- internal ---

/** What is put behind the name of a file. @throws SyntaxError */
function parseExtension(text: string): string {
  if (!/^[\w.-]{1,50}$/.test(text)) throw new SyntaxError(`"${text}" is not the ending of a file name`);
  return text.replace(/^\./, "");
}
