/** The flags that say what becomes of changes by hand; shared by `plan` and `apply`. */
import { UsageError } from "../errors.ts";
import type { DriftMode } from "../model/plan.ts";

export interface DriftFlags {
  readonly keepDrift: boolean;
  readonly fixDrift: boolean;
}

export const driftFlags = {
  keepDrift: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Leave what was changed by hand on the server as it is, and report it (default)",
  },
  fixDrift: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Put back what was changed by hand, and remove what was added by hand",
  },
} as const;

/** @throws UsageError when both are given, or one that contradicts a saved plan */
export function driftOf({ keepDrift, fixDrift }: DriftFlags, saved?: { readonly drift?: DriftMode }): DriftMode {
  if (keepDrift && fixDrift) throw new UsageError("--keep-drift and --fix-drift exclude each other");
  const decided = saved?.drift ?? "keep";
  if (saved !== undefined && ((keepDrift && decided === "fix") || (fixDrift && decided === "keep")))
    throw new UsageError("A saved plan has decided already what becomes of changes by hand", {
      hint: `Make a new one: floe plan ${fixDrift ? "--fix-drift" : "--keep-drift"} -o FILE`,
    });
  return saved === undefined ? (fixDrift ? "fix" : "keep") : decided;
}
