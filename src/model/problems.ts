/** Parts of a fleet that do not evaluate, as problems for a report. */
import { defined } from "../util/defined.ts";
import type { Evaluated, Evaluation, EvaluationError } from "./evaluation.ts";
import type { Problem } from "./plan.ts";

/** One problem for each error; hosts, images, homes and shells that share one, through a module of theirs, share the problem too. */
export function evaluationProblems({ hosts, images, homes = {}, shells }: Evaluation): Problem[] {
  const groups: readonly (readonly [string, Readonly<Record<string, Evaluated<unknown>>>])[] = [
    ["host", hosts],
    ["container", images],
    ["home", homes],
    ["shell", shells],
  ];
  const failures = groups.flatMap(([kind, parts]) =>
    Object.entries(parts).flatMap(([name, part]) =>
      part.ok
        ? []
        : [part.error, ...(part.error.further ?? [])].map((error) => ({ subject: `${kind} ${name}`, error })),
    ),
  );
  const byError = new Map<string, { readonly subjects: string[]; readonly error: EvaluationError }>();
  for (const { subject, error } of failures) {
    const key = JSON.stringify([error.message, error.file, error.line, error.column]);
    const known = byError.get(key);
    if (known === undefined) byError.set(key, { subjects: [subject], error });
    else known.subjects.push(subject);
  }
  return [...byError.values()].map(({ subjects, error }) => evaluationProblem(subjects.join(", "), error));
}

/** The error as a problem; without nix's trace unless somebody asks for it, because that is long. */
export function evaluationProblem(
  subject: string,
  { message, file, line, column, hint, related, log }: EvaluationError,
): Problem {
  return { subject, message, ...defined({ file, line, column, hint, related }), ...(log === "" ? {} : { trace: log }) };
}
