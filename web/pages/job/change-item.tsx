/** One change: how it stands or ended, its steps with their times, and the way back. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { outcomeWords, stepWord } from "../../../src/cli/render/event-words.ts";
import type { ChangeOutcome } from "../../../src/report/events.ts";
import { RollbackDialog } from "../../actions/rollback-dialog.tsx";
import type { StepState, SubjectView } from "../../lib/job-view.ts";
import { hasWayBack, rollbackTarget } from "../../lib/way-back.ts";
import { duration } from "../../lib/words.ts";
import { now } from "../../state/now.ts";
import { fleet, isReadOnly } from "../../state/store.ts";
import { Button } from "../../ui/basics.tsx";
import { Icon } from "../../ui/icons.tsx";
import { StepMark } from "./step-mark.tsx";

export interface ChangeItemProps {
  readonly subject: SubjectView;
  /** What it is part of is under way. */
  readonly isRunning: boolean;
  /** It may offer to go back to what was before. */
  readonly isBackOffered: boolean;
}

export function ChangeItem({ subject, isRunning, isBackOffered }: ChangeItemProps): JSX.Element {
  const { name, steps, ms, error } = subject;
  const [isOpen, setOpen] = useState<boolean>();
  const current = steps.at(-1);
  const mark = markOf(subject, isRunning);
  const isShown = isOpen ?? (steps.length > 0 && mark !== "done");
  return (
    <li>
      <div class="job-change">
        <StepMark state={mark} />
        <strong>{name}</strong>
        <span class="soft job-step">{wordsOf(subject, isRunning)}</span>
        <span class="number faint job-time">
          {ms !== undefined && (ms > 0 || steps.length > 0) ? (
            duration(ms)
          ) : current?.state === "running" && isRunning ? (
            <Elapsed since={steps[0]?.startedAt ?? current.startedAt} />
          ) : (
            ""
          )}
        </span>
        <span class="job-buttons">
          {isBackOffered ? <RollBack subject={subject} /> : null}
          {steps.length > 0 ? (
            <Button
              kind="quiet"
              isSmall
              icon={isShown ? "up" : "down"}
              label={`Steps of ${name}`}
              isExpanded={isShown}
              onClick={() => setOpen(!isShown)}
            />
          ) : null}
        </span>
      </div>
      {error === undefined ? null : <Reason subject={subject} error={error} />}
      {isShown && steps.length > 0 ? <Steps subject={subject} isRunning={isRunning} /> : null}
    </li>
  );
}

// --- internal ---

function wordsOf({ subject, outcome, steps }: SubjectView, isRunning: boolean): string {
  const current = steps.at(-1);
  if (outcome !== undefined) return outcomeWords[outcome];
  if (current === undefined) return isRunning ? "waits" : outcomeWords.skipped;
  if (isRunning) return stepWord(current.step, subject);
  // What a recovery did for it is no change of its own.
  if (current.state === "done") return outcomeWords.done;
  return `${current.state === "running" ? "interrupted" : "failed"}: ${stepWord(current.step, subject)}`;
}

function markOf({ outcome, steps }: SubjectView, isRunning: boolean): StepState | "waiting" {
  if (outcome !== undefined) return outcomeMarks[outcome];
  const current = steps.at(-1);
  if (current === undefined) return "waiting";
  if (isRunning) return "running";
  return current.state === "done" ? "done" : "failed";
}

const outcomeMarks: Readonly<Record<ChangeOutcome, StepState | "waiting">> = {
  done: "done",
  undone: "failed",
  failed: "failed",
  skipped: "waiting",
};

function Elapsed({ since }: { readonly since: number }): JSX.Element {
  return <>{duration(Math.max(0, now.value - since))}</>;
}

/** Why it did not go as planned: the first line, and what it is about below. */
function Reason({ subject, error }: { readonly subject: SubjectView; readonly error: string }): JSX.Element {
  const { outcome, hint } = subject;
  const [first = "", ...more] = error.split("\n");
  return (
    <div class={`job-error ${outcome}`}>
      <p>
        {outcome === "skipped" ? null : <Icon name="warning" size={14} />}
        <span>{first}</span>
      </p>
      {more.length === 0 ? null : <p class="soft pre-line">{more.join("\n")}</p>}
      {hint === undefined ? null : <p class="faint">{hint}</p>}
      {outcome === "undone" ? <p class="soft">What ran before was put back and runs again.</p> : null}
    </div>
  );
}

function Steps({
  subject: { subject, steps, error: reason },
  isRunning,
}: Omit<ChangeItemProps, "isBackOffered">): JSX.Element {
  return (
    <ol class="job-steps">
      {steps.map(({ step, detail, state, ms, startedAt, error, progress }, index) => (
        <li key={index}>
          <StepMark state={state === "running" && !isRunning ? "failed" : state} />
          <span>
            {stepWord(step, subject)}
            {detail === undefined ? null : <span class="faint"> {detail}</span>}
            {progress === undefined || state !== "running" ? null : (
              <span class="number faint"> {Math.round(progress * 100)} %</span>
            )}
            {state === "running" && !isRunning ? <span class="step-error">interrupted</span> : null}
            {error === undefined || error === reason ? null : <span class="step-error pre-line">{error}</span>}
          </span>
          <span class="number faint">
            {ms === undefined ? isRunning ? <Elapsed since={startedAt} /> : "" : duration(ms)}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Where a predecessor is kept there is a way back. */
function RollBack({ subject: { subject, outcome } }: { readonly subject: SubjectView }): JSX.Element | null {
  const [isAsking, setAsking] = useState(false);
  const target = rollbackTarget(subject);
  if (isReadOnly.value || outcome !== "done" || target === undefined || !hasWayBack(subject, fleet.value)) return null;
  return (
    <>
      <Button kind="quiet" isSmall icon="back" onClick={() => setAsking(true)}>
        Roll back
      </Button>
      {isAsking ? <RollbackDialog kind={target.kind} name={target.name} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
