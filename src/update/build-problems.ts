/** Builds what an update changes, to know that it can be built. */
import type { Builder } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { buildDerivations } from "../nix/build.ts";
import type { NixTool } from "../nix/find.ts";
import type { Emit } from "../report/events.ts";
import { defined } from "../util/defined.ts";
import type { ToBuild } from "./propose.ts";

/** One for each new derivation that cannot be built. @throws CancelledError; NixError when the store cannot be asked */
export async function buildProblems({
  wanted,
  ...options
}: {
  readonly nix: NixTool;
  readonly wanted: readonly ToBuild[];
  readonly builders: readonly Builder[];
  readonly rootsDir: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}): Promise<Problem[]> {
  const outcomes = await buildDerivations({ ...options, derivations: wanted, keepGoing: true });
  return outcomes.flatMap((outcome, index) => {
    if (outcome.ok || wanted[index]?.isNew === false) return [];
    const { message, hint, details } = outcome.error;
    const log = details["log"];
    const trace = Array.isArray(log) ? log.join("\n") : typeof log === "string" ? log : undefined;
    return [{ subject: wanted[index]?.subject ?? outcome.name, message, ...defined({ hint, trace }) }];
  });
}
