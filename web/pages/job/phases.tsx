/** The phases of a job, one after the other. */
import type { JSX } from "preact";
import { phaseWords } from "../../../src/cli/render/event-words.ts";
import type { PhaseView } from "../../lib/job-view.ts";
import { duration } from "../../lib/words.ts";
import { now } from "../../state/now.ts";
import { StepMark } from "./step-mark.tsx";

export function Phases({
  phases,
  isRunning,
}: {
  readonly phases: readonly PhaseView[];
  readonly isRunning: boolean;
}): JSX.Element {
  if (phases.length === 0)
    return <p class="faint">{isRunning ? "Beginning…" : "Nothing was told about its phases."}</p>;
  return (
    <ol class="phases" aria-label="Phases">
      {phases.map(({ phase, state, startedAt, endedAt }, index) => {
        const isOver = endedAt === undefined && !isRunning;
        return (
          <li key={index} class={state}>
            <StepMark state={isOver && state === "running" ? "failed" : state} />
            <span>{phaseWords[phase]}</span>
            {isOver ? null : (
              <span class="number faint">{duration(Math.max(0, (endedAt ?? now.value) - startedAt))}</span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
