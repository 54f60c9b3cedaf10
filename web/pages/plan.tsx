/** A plan: what would change and why, and the button that does it. Without one, the latest, or a new one. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { KeptPlan } from "../../src/serve/protocol.ts";
import { planHosts, planInstances, planInstead } from "../actions/make-plan.ts";
import { changeCount, freshPlanJob } from "../lib/plan-view.ts";
import { listed } from "../lib/words.ts";
import type { PageProps } from "../routes.tsx";
import { asRefused, type RefusedError } from "../state/api.ts";
import { href } from "../state/base.ts";
import { useResource } from "../state/resource.ts";
import { navigate, place } from "../state/router.ts";
import { connection, fleet, jobById, jobs } from "../state/store.ts";
import { Ago, Button, Empty, PageHead, Placeholder, Refused } from "../ui/basics.tsx";
import { ApplyBar } from "./plan/apply-bar.tsx";
import { HostsPlan } from "./plan/hosts.tsx";
import { InstancesPlan } from "./plan/instances.tsx";
import { Making } from "./plan/making.tsx";

export function PlanPage({ params }: PageProps): JSX.Element {
  const { id } = params;
  const query = new URLSearchParams(place.value.query);
  if (id !== undefined) return <KnownPlan id={id} />;
  const job = query.get("job");
  if (job !== null) return <PlanJob id={job} />;
  return <LatestPlan kind={query.get("of") === "hosts" ? "plan-hosts" : "plan"} />;
}

// --- internal ---

type PlanKind = "plan" | "plan-hosts";

/** Goes to the plan that is still good, or has one made. */
function LatestPlan({ kind }: { readonly kind: PlanKind }): JSX.Element {
  const isReady = fleet.value !== undefined && connection.value === "open";
  const [refused, setRefused] = useState<RefusedError>();
  const hosts = fleet.value?.hosts ?? [];
  const isNobodyHere = kind === "plan-hosts" && isReady && hosts.every(({ state }) => state === "elsewhere");
  useEffect(() => {
    setRefused(undefined);
    if (!isReady || isNobodyHere) return;
    const job = freshPlanJob(jobs.peek(), kind, Date.now(), fleet.peek()?.plannedAt);
    if (job?.planId !== undefined) navigate(href("plan", job.planId), { replace: true });
    else if (job !== undefined) navigate(`${href("plan")}?job=${job.id}`, { replace: true });
    else planInstead(kind).catch((error) => setRefused(asRefused(error)));
  }, [kind, isReady, isNobodyHere]);
  if (isNobodyHere)
    return (
      <>
        <PlanHead kind={kind} about="Hosts are planned from where they can be reached" />
        <div class="card">
          <Empty icon="host" title="No host can be reached from here">
            {listed(hosts.map(({ name }) => name))} {hosts.length === 1 ? "has" : "have"} no target: a host without one
            is planned and switched on its own machine.
          </Empty>
        </div>
      </>
    );
  return (
    <>
      <PlanHead kind={kind} />
      {refused === undefined ? (
        <div class="card">
          <Placeholder lines={6} />
        </div>
      ) : (
        <Refused error={refused} />
      )}
    </>
  );
}

function PlanJob({ id }: { readonly id: string }): JSX.Element {
  const job = jobById(id);
  const planId = job?.planId;
  useEffect(() => {
    if (planId !== undefined) navigate(href("plan", planId), { replace: true });
  }, [planId]);
  return (
    <>
      <PlanHead kind={job?.kind === "plan-hosts" ? "plan-hosts" : "plan"} />
      <Making id={id} />
    </>
  );
}

function KnownPlan({ id }: { readonly id: string }): JSX.Element {
  const { data, error } = useResource<KeptPlan>(`api/plans/${encodeURIComponent(id)}`);
  const kind = data?.kind === "hosts" ? "plan-hosts" : "plan";
  const again = (): void => {
    if (data?.kind === "hosts") void planHosts({ hosts: data.plan.changes.map(({ name }) => name) });
    else void planInstances(data === undefined ? {} : { selection: data.plan.selection, prune: data.plan.prune });
  };
  return (
    <>
      <PlanHead
        kind={kind}
        kept={data}
        actions={
          <Button icon="restart" onClick={again}>
            Plan again
          </Button>
        }
      />
      {error === undefined ? null : <Refused error={error} />}
      {data === undefined && error === undefined ? (
        <div class="card">
          <Placeholder lines={6} />
        </div>
      ) : null}
      {data?.kind === "instances" ? <InstancesPlan kept={data} /> : null}
      {data?.kind === "hosts" ? <HostsPlan kept={data} /> : null}
      {data !== undefined && (changeCount(data) > 0 || data.plan.problems.length > 0) ? (
        <ApplyBar kept={data} onPlanAgain={again} />
      ) : null}
    </>
  );
}

function PlanHead({
  kind,
  kept,
  about = "Looking at what is described and what runs",
  actions,
}: {
  readonly kind: PlanKind;
  readonly about?: string;
  readonly kept?: KeptPlan | undefined;
  readonly actions?: JSX.Element;
}): JSX.Element {
  const hasHosts = (fleet.value?.hosts.length ?? 0) > 0;
  return (
    <>
      <PageHead title="Plan" actions={actions}>
        {kept === undefined ? (
          about
        ) : (
          <>
            Made <Ago at={kept.at} />
            {scopeOf(kept)}
          </>
        )}
      </PageHead>
      {hasHosts ? (
        <nav class="tabs" aria-label="What is planned">
          <a href={href("plan")} aria-current={kind === "plan" ? "page" : undefined}>
            Instances
          </a>
          <a href={`${href("plan")}?of=hosts`} aria-current={kind === "plan-hosts" ? "page" : undefined}>
            Hosts
          </a>
        </nav>
      ) : null}
    </>
  );
}

function scopeOf(kept: KeptPlan): string {
  if (kept.kind === "hosts") return "";
  const { selection, prune } = kept.plan;
  const names = selection?.map((address) => address.split("/").at(-1)) ?? [];
  const limit =
    selection === null
      ? " of the whole fleet"
      : names.length <= 3
        ? ` of ${names.join(", ")}`
        : ` of ${names.length} instances`;
  return `${limit}${prune ? ", with deletion of what is no longer described" : ""}`;
}
