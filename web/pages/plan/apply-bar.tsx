/** At the bottom of a plan: what an apply does, and the button. It asks once more, with the plan still in view. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApplyRequest, Job, KeptPlan } from "../../../src/serve/protocol.ts";
import { planHosts, planInstances } from "../../actions/make-plan.ts";
import { isChange } from "../../lib/jobs.ts";
import { changeCount, downtimes } from "../../lib/plan-view.ts";
import { counted, listed } from "../../lib/words.ts";
import { asRefused, post, type RefusedError } from "../../state/api.ts";
import { href } from "../../state/base.ts";
import { navigate } from "../../state/router.ts";
import { busy, isReadOnly, jobs, noteJob } from "../../state/store.ts";
import { Button, ButtonLink } from "../../ui/basics.tsx";
import { Icon } from "../../ui/icons.tsx";
import { leftOut, selectedOf } from "./instances.tsx";

export interface ApplyBarProps {
  readonly kept: KeptPlan;
  readonly onPlanAgain: () => void;
}

export function ApplyBar({ kept, onPlanAgain }: ApplyBarProps): JSX.Element {
  const [stage, setStage] = useState<"idle" | "asking" | "sending">("idle");
  const [refused, setRefused] = useState<RefusedError>();
  const applied = jobs.value.find((job) => isChange(job) && job.planId === kept.id);
  const apply = async (): Promise<void> => {
    setStage("sending");
    const request: ApplyRequest = { planId: kept.id, ...(kept.plan.problems.length > 0 ? { partial: true } : {}) };
    try {
      const job = noteJob(await post<Job>("api/apply", request));
      navigate(href("jobs", job.id));
    } catch (error) {
      setRefused(asRefused(error));
      setStage("idle");
    }
  };
  const selected = kept.kind === "instances" ? selectedOf(kept) : undefined;
  if (refused !== undefined) return <RefusedBar error={refused} onPlanAgain={onPlanAgain} />;
  if (applied !== undefined) return <AppliedBar job={applied} onPlanAgain={onPlanAgain} />;
  if (selected !== undefined) return <SelectionBar kept={kept} selected={selected} />;
  if (stage === "idle")
    return (
      <Bar>
        <Sum kept={kept} />
        <ApplyButton kept={kept} onAsk={() => setStage("asking")} />
      </Bar>
    );
  return (
    <AskingBar
      kept={kept}
      isSending={stage === "sending"}
      onApply={() => void apply()}
      onCancel={() => setStage("idle")}
    />
  );
}

// --- internal ---

function Bar({
  children,
  tone = "",
}: {
  readonly children: JSX.Element[] | JSX.Element;
  readonly tone?: string;
}): JSX.Element {
  return (
    <section class={`apply-bar ${tone}`} aria-label="Apply">
      {children}
    </section>
  );
}

function Sum({ kept }: { readonly kept: KeptPlan }): JSX.Element {
  return (
    <p class="apply-sum">
      <strong>{counted(changeCount(kept), "change")}</strong>
      <span class="soft">{interruption(kept)}</span>
    </p>
  );
}

/** Who does not serve meanwhile. */
function interruption(kept: KeptPlan): string {
  if (kept.kind === "hosts") {
    const reboots = kept.plan.changes.filter(({ reboot }) => reboot.length > 0).map(({ name }) => name);
    return reboots.length === 0 ? "no reboot needed" : `${listed(reboots)} should be rebooted afterwards`;
  }
  const names = downtimes(kept.plan);
  if (names.length === 0) return "no downtime expected";
  return `down: ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
}

function ApplyButton({ kept, onAsk }: { readonly kept: KeptPlan; readonly onAsk: () => void }): JSX.Element {
  if (isReadOnly.value) return <span class="faint">This dashboard is only to look at</span>;
  if (busy.value !== undefined)
    return (
      <div class="apply-buttons">
        {busy.value.job === undefined ? (
          <span class="faint">{busy.value.text}</span>
        ) : (
          <a href={href("jobs", busy.value.job)}>{busy.value.text}</a>
        )}
        <Button kind="primary" isDisabled>
          Apply
        </Button>
      </div>
    );
  const isPartial = kept.plan.problems.length > 0;
  return (
    <div class="apply-buttons">
      <Button kind="primary" isDisabled={changeCount(kept) === 0} onClick={onAsk}>
        {isPartial ? "Apply the sound parts…" : "Apply…"}
      </Button>
    </div>
  );
}

function AskingBar({
  kept,
  isSending,
  onApply,
  onCancel,
}: {
  readonly kept: KeptPlan;
  readonly isSending: boolean;
  readonly onApply: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  return (
    <div
      class="apply-bar asking"
      role="alertdialog"
      aria-label="Apply this plan?"
      aria-describedby="apply-question"
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
      }}
    >
      <p class="apply-sum" id="apply-question">
        <strong>Apply {counted(changeCount(kept), "change")}?</strong>
        <span class="soft">What runs now is kept until its successor is healthy; {interruption(kept)}.</span>
      </p>
      <div class="apply-buttons">
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" hasFocus isBusy={isSending} onClick={onApply}>
          Apply now
        </Button>
      </div>
    </div>
  );
}

function SelectionBar({
  kept,
  selected,
}: {
  readonly kept: KeptPlan;
  readonly selected: readonly string[];
}): JSX.Element {
  const isHosts = kept.kind === "hosts";
  const plan = (): void => {
    if (isHosts) void planHosts({ hosts: selected });
    else void planInstances({ selection: selected, prune: kept.plan.prune });
  };
  return (
    <Bar>
      <p class="apply-sum">
        <strong>{selected.length} selected</strong>
        <span class="soft">A plan of these alone says what they need</span>
      </p>
      <div class="apply-buttons">
        <Button onClick={() => (leftOut.value = { plan: "", addresses: new Set() })}>Select all</Button>
        <Button kind="primary" icon="plan" isDisabled={selected.length === 0} onClick={plan}>
          Plan only these
        </Button>
      </div>
    </Bar>
  );
}

function AppliedBar({ job, onPlanAgain }: { readonly job: Job; readonly onPlanAgain: () => void }): JSX.Element {
  return (
    <Bar>
      <p class="apply-sum">
        <strong>{job.state === "running" ? "This plan is being applied" : "This plan was applied"}</strong>
      </p>
      <div class="apply-buttons">
        <Button onClick={onPlanAgain}>Plan again</Button>
        <ButtonLink href={href("jobs", job.id)} kind="primary">
          {job.state === "running" ? "Show progress" : "Show what came of it"}
        </ButtonLink>
      </div>
    </Bar>
  );
}

function RefusedBar({
  error,
  onPlanAgain,
}: {
  readonly error: RefusedError;
  readonly onPlanAgain: () => void;
}): JSX.Element {
  return (
    <div class="apply-bar bad" role="alert">
      <Icon name="warning" />
      <p class="apply-sum">
        <strong>{error.message}</strong>
        <span class="soft">{error.hint}</span>
      </p>
      <div class="apply-buttons">
        {busy.value?.job === undefined ? null : (
          <ButtonLink href={href("jobs", busy.value.job)}>Show what runs</ButtonLink>
        )}
        <Button kind="primary" icon="restart" onClick={onPlanAgain}>
          Plan again
        </Button>
      </div>
    </div>
  );
}
