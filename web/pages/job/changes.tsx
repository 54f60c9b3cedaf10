/** What becomes of each change of a job. */
import type { JSX } from "preact";
import { shortSubject } from "../../../src/cli/render/event-words.ts";
import { type ChangeReport, startReport } from "../../../src/report/reduce.ts";
import type { Job, KeptPlan } from "../../../src/serve/protocol.ts";
import type { JobView, SubjectView } from "../../lib/job-view.ts";
import { isChange } from "../../lib/jobs.ts";
import { useResource } from "../../state/resource.ts";
import { Section } from "../../ui/basics.tsx";
import { ChangeItem } from "./change-item.tsx";

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
          <ChangeItem
            key={subject.subject}
            subject={subject}
            isRunning={job.state === "running"}
            isBackOffered={job.kind !== "rollback"}
          />
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
