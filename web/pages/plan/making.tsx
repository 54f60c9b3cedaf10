/** A plan that is being made: the phases it goes through, and what went wrong. */
import type { JSX } from "preact";
import { planInstances } from "../../actions/make-plan.ts";
import { post } from "../../state/api.ts";
import { useJobDetails } from "../../state/job-details.ts";
import { jobById } from "../../state/store.ts";
import { toastError } from "../../state/toasts.ts";
import { Button, Notice, Refused } from "../../ui/basics.tsx";
import { Builds } from "../job/builds.tsx";
import { Messages } from "../job/messages.tsx";
import { Phases } from "../job/phases.tsx";

export function Making({ id }: { readonly id: string }): JSX.Element {
  const job = jobById(id);
  const { view, error } = useJobDetails(id).value;
  if (error !== undefined) return <Refused error={error} onRetry={() => void planInstances()} />;
  return (
    <>
      {job?.error === undefined ? null : (
        <Notice
          tone="bad"
          title={<span class="pre-line">{job.error.message}</span>}
          action={<Button onClick={() => void planInstances()}>Plan again</Button>}
        >
          {job.error.hint}
        </Notice>
      )}
      <div class="card making">
        <Phases phases={view.phases} isRunning={job?.state === "running"} />
        {job?.state === "running" ? (
          <Button kind="quiet" isSmall onClick={() => void post(`api/jobs/${id}/cancel`).catch(toastError)}>
            Cancel
          </Button>
        ) : null}
      </div>
      <Builds builds={view.builds} />
      <Messages messages={view.messages} />
    </>
  );
}
