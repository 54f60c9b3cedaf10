/** What stands in the way, with the file and line where it is. */
import type { JSX } from "preact";
import type { Problem } from "../../src/model/plan.ts";
import { Icon } from "./icons.tsx";

export function Problems({
  problems,
  title,
}: {
  readonly problems: readonly Problem[];
  readonly title: string;
}): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <section class="problems card" aria-label={title}>
      <h2>
        <Icon name="warning" />
        {title}
      </h2>
      <ul>
        {problems.map((problem, index) => (
          <li key={index}>
            <strong>{problem.subject}</strong>
            <p>{problem.message}</p>
            {problem.hint === undefined ? null : <p class="faint">{problem.hint}</p>}
            {problem.file === undefined ? null : <p class="mono faint">{placeOf(problem)}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

// --- internal ---

function placeOf({ file, line, column }: Problem): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}
