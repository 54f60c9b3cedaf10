/** Parts of a fleet that do not evaluate or build, as problems for a report. */
import type { Evaluated, Evaluation } from "../model/evaluation.ts";
import type { Problem } from "../model/plan.ts";

export function evaluationProblems(evaluation: Evaluation): Problem[] {
  const kinds: readonly (readonly [string, Readonly<Record<string, Evaluated<unknown>>>])[] = [
    ["host", evaluation.hosts],
    ["container", evaluation.images],
    ["shell", evaluation.shells],
  ];
  return kinds.flatMap(([kind, parts]) =>
    Object.entries(parts).flatMap(([name, part]) => (part.ok ? [] : [toProblem(`${kind} ${name}`, part.error)])),
  );
}

function toProblem(
  subject: string,
  { message, file, line, column }: Extract<Evaluated<unknown>, { ok: false }>["error"],
): Problem {
  return {
    subject,
    message,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
