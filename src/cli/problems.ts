/** Parts of a fleet that do not evaluate or build, as problems for a report. */
import type { Evaluation } from "../model/evaluation.ts";
import type { Problem } from "../model/plan.ts";
import { evaluationProblems as problemsOf } from "../model/problems.ts";
import type { GlobalFlags } from "./flags.ts";

/** What nix printed is only part of it with `--show-trace`. */
export function evaluationProblems(evaluation: Evaluation, flags: Pick<GlobalFlags, "showTrace">): Problem[] {
  return withTraces(problemsOf(evaluation), flags);
}

export function withTraces(problems: readonly Problem[], { showTrace }: Pick<GlobalFlags, "showTrace">): Problem[] {
  return showTrace ? [...problems] : problems.map(({ trace: _, ...problem }) => problem);
}
