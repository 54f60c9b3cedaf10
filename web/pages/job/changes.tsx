/** What becomes of each change: its steps while it runs, and how it ended. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { outcomeWords, shortSubject, stepWord } from "../../../src/cli/render/event-words.ts";
import type { ChangeOutcome } from "../../../src/report/events.ts";
import { type ChangeReport, startReport } from "../../../src/report/reduce.ts";
import type { Job, KeptPlan } from "../../../src/serve/protocol.ts";
import { RollbackDialog } from "../../actions/rollback-dialog.tsx";
import type { JobView, StepState, StepView, SubjectView } from "../../lib/job-view.ts";
import { isChange } from "../../lib/jobs.ts";
import { hasWayBack, rollbackTarget } from "../../lib/way-back.ts";
import { duration } from "../../lib/words.ts";
import { now } from "../../state/now.ts";
import { useResource } from "../../state/resource.ts";
import { fleet, isReadOnly } from "../../state/store.ts";
import { Button, Section } from "../../ui/basics.tsx";
import { Icon } from "../../ui/icons.tsx";
import { StepMark } from "./step-mark.tsx";

export function Changes({ job, view }: { readonly job: Job; readonly view: JobView }): JSX.Element | null {
  const begun = new Map(view.subjects.map((one) => [one.subject, one]));
  const isPlanWanted = job.report === undefined && job.planId !== undefined && isChange(job);
  const { data } = useResource<KeptPlan>(isPlanWanted ? `api/plans/${encodeURIComponent(job.planId ?? "")}` : null);
  const planned = (job.report ?? (data === undefined ? undefined : startReport(data.plan)))?.changes ?? [];
  const waiting = planned.filter(({ address }) => !begun.has(address)).map(fromReport);
  const reports = new Map(planned.map((change) => [change.address, change]));
  const all = [...view.subjects.map((one) => withReport(one, reports.get(one.subject))), ...waiting];
  if (all.length === 0) return null;
  const over = all.filter(({ outcome }) => outcome !== undefined).length;
  return (
    <Section
      title="Changes"
      aside={
        <span class="number">
          {over} of {all.length}
        </span>
      }
    >
      <ul class="card job-changes">
        {all.map((subject) => (
          <ChangeItem key={subject.subject} subject={subject} isRunning={job.state === "running"} kind={job.kind} />
        ))}
      </ul>
    </Section>
  );
}

// --- internal ---

/** One that was not begun: nothing was told about it yet. */
function fromReport({ address, name, outcome, error, hint }: ChangeReport): SubjectView {
  return {
    subject: address,
    name: shortSubject(address) || name,
    steps: [],
    ...(outcome === undefined ? {} : { outcome }),
    ...(error === undefined ? {} : { error }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The report knows the end even where its event is not kept. */
function withReport(subject: SubjectView, report: ChangeReport | undefined): SubjectView {
  return subject.outcome !== undefined || report?.outcome === undefined
    ? subject
    : { ...fromReport(report), steps: subject.steps, ms: report.ms };
}

function ChangeItem({
  subject,
  isRunning,
  kind,
}: {
  readonly subject: SubjectView;
  readonly isRunning: boolean;
  readonly kind: Job["kind"];
}): JSX.Element {
  const { name, steps, outcome, ms, error, hint } = subject;
  const [isOpen, setOpen] = useState<boolean>();
  const current = steps.at(-1);
  const isShown = isOpen ?? (outcome === undefined ? isRunning && steps.length > 0 : outcome !== "done");
  return (
    <li>
      <div class="job-change">
        <StepMark state={markOf(subject, isRunning)} />
        <strong>{name}</strong>
        <span class="soft job-step">
          {outcome === undefined
            ? current === undefined
              ? "waits"
              : stepWord(current.step, subject.subject)
            : outcomeWords[outcome]}
        </span>
        <span class="number faint job-time">
          {ms !== undefined ? (
            duration(ms)
          ) : current?.state === "running" && isRunning ? (
            <Elapsed since={steps[0]?.startedAt ?? current.startedAt} />
          ) : (
            ""
          )}
        </span>
        <span class="job-buttons">
          {kind === "rollback" ? null : <RollBack subject={subject} />}
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
      {error === undefined ? null : (
        <div class={`job-error ${outcome}`}>
          <p>
            {outcome === "skipped" ? null : <Icon name="warning" size={14} />}
            <span class="pre-line">{error}</span>
          </p>
          {hint === undefined ? null : <p class="faint">{hint}</p>}
          {outcome === "undone" ? <p class="soft">What ran before was put back and runs again.</p> : null}
        </div>
      )}
      {isShown && steps.length > 0 ? <Steps steps={steps} subject={subject.subject} isRunning={isRunning} /> : null}
    </li>
  );
}

function markOf({ outcome, steps }: SubjectView, isRunning: boolean): StepState | "waiting" {
  if (outcome !== undefined) return outcomeMarks[outcome];
  if (!isRunning) return steps.length > 0 ? "failed" : "waiting";
  return steps.length > 0 ? "running" : "waiting";
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

function Steps({
  steps,
  subject,
  isRunning,
}: {
  readonly steps: readonly StepView[];
  readonly subject: string;
  readonly isRunning: boolean;
}): JSX.Element {
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
            {error === undefined ? null : <span class="step-error">{error}</span>}
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
