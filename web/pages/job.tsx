/** One job: how far it is, what it said, what came of it, and the way back. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Job } from "../../src/serve/protocol.ts";
import { planHosts, planInstances } from "../actions/make-plan.ts";
import type { PageProps } from "../routes.tsx";
import { post } from "../state/api.ts";
import { href } from "../state/base.ts";
import { useJobDetails } from "../state/job-details.ts";
import { isReadOnly, jobById } from "../state/store.ts";
import { toastError } from "../state/toasts.ts";
import { Ago, Button, ButtonLink, Notice, PageHead, Placeholder, Refused } from "../ui/basics.tsx";
import { JobState, JobTime } from "../ui/job-words.tsx";
import { Builds } from "./job/builds.tsx";
import { Changes } from "./job/changes.tsx";
import { Messages } from "./job/messages.tsx";
import { Phases } from "./job/phases.tsx";

export function JobPage({ params }: PageProps): JSX.Element {
  const id = params["id"] ?? "";
  const job = jobById(id);
  const { view, error, isLoading, dropped } = useJobDetails(id).value;
  const crumbs = [{ href: href("history"), label: "History" }];
  if (job === undefined)
    return (
      <>
        <PageHead title="Job" crumbs={crumbs} />
        {error === undefined ? <Placeholder lines={5} /> : <Refused error={error} />}
      </>
    );
  return (
    <>
      <PageHead title={job.title} crumbs={crumbs} actions={<Actions job={job} />}>
        <span class="job-about">
          <JobState job={job} />
          <JobTime job={job} />
          <span class="faint">
            started <Ago at={job.startedAt} /> by {job.user}
          </span>
        </span>
      </PageHead>
      <Outcome job={job} />
      {isLoading ? (
        <div class="card">
          <Placeholder lines={5} />
        </div>
      ) : (
        <>
          {view.phases.length === 0 && job.state !== "running" ? null : (
            <div class="card job-phases">
              <Phases phases={view.phases} isRunning={job.state === "running"} />
            </div>
          )}
          <Changes job={job} view={view} />
          <Builds builds={view.builds} count={view.buildCount} />
          <Messages messages={view.messages} />
          {dropped > 0 ? <p class="faint">The first {dropped} events of it are not kept.</p> : null}
        </>
      )}
    </>
  );
}

// --- internal ---

function Actions({ job }: { readonly job: Job }): JSX.Element | null {
  const [isCancelling, setCancelling] = useState(false);
  const cancel = (): void => {
    setCancelling(true);
    post(`api/jobs/${encodeURIComponent(job.id)}/cancel`).catch((error) => {
      setCancelling(false);
      toastError(error);
    });
  };
  if (job.state === "running")
    return isReadOnly.value ? null : (
      <Button isBusy={isCancelling} onClick={cancel}>
        Cancel
      </Button>
    );
  const isPlan = job.kind === "plan" || job.kind === "plan-hosts";
  return (
    <>
      {job.kind === "apply" && job.state !== "done" ? (
        <Button icon="plan" onClick={() => void planInstances()}>
          Plan again
        </Button>
      ) : null}
      {job.kind === "switch" && job.state !== "done" ? (
        <Button icon="plan" onClick={() => void planHosts()}>
          Plan again
        </Button>
      ) : null}
      {job.planId === undefined ? null : (
        <ButtonLink href={href("plan", job.planId)} icon="plan" kind={isPlan ? "primary" : "plain"}>
          Show the plan
        </ButtonLink>
      )}
    </>
  );
}

/** What came of it, in one sentence, where that is not just "done". */
function Outcome({ job: { state, error, report, kind } }: { readonly job: Job }): JSX.Element | null {
  if (state === "running") return null;
  const { undone = 0, failed = 0, skipped = 0, done = 0 } = report?.counts ?? {};
  if (failed > 0)
    return (
      <Notice tone="bad" title="Something failed, and undoing it failed too">
        Below is what is left; the next apply repairs what it can.
      </Notice>
    );
  if (undone > 0)
    return (
      <Notice tone="warn" title="It failed, and what ran before runs again">
        {done > 0 ? `${done === 1 ? "1 other change is" : `${done} other changes are`} in place. ` : ""}
        {skipped > 0 ? `${skipped === 1 ? "1 was" : `${skipped} were`} not begun.` : ""}
      </Notice>
    );
  if (error !== undefined)
    return (
      <Notice tone="bad" title={<span class="pre-line">{error.message}</span>}>
        {error.hint}
      </Notice>
    );
  if (state === "cancelled")
    return <Notice title="It was cancelled">What was begun was finished or taken back.</Notice>;
  return (kind === "apply" || kind === "switch") && done > 0 ? (
    <Notice tone="good" title="Everything is as planned" />
  ) : null;
}
