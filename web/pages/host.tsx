/** One host: what runs on it, what ran before, and what changed from one generation to another. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FleetHost, HostDetails } from "../../src/serve/protocol.ts";
import { planHosts } from "../actions/make-plan.ts";
import { RollbackDialog } from "../actions/rollback-dialog.tsx";
import type { PageProps } from "../routes.tsx";
import { href } from "../state/base.ts";
import { useResource } from "../state/resource.ts";
import { place, replaceQuery } from "../state/router.ts";
import { fleet, isReadOnly } from "../state/store.ts";
import { Badge, Button, Notice, PageHead, Placeholder, Refused, State } from "../ui/basics.tsx";
import { type Tab, Tabs } from "../ui/tabs.tsx";
import { hostStateWords } from "./fleet/hosts.tsx";
import { ChangesTab } from "./host/changes.tsx";
import { Elsewhere } from "./host/elsewhere.tsx";
import { GenerationsTab } from "./host/generations.tsx";
import { Definition, HostOverview } from "./host/overview.tsx";

export function HostPage({ params }: PageProps): JSX.Element {
  const name = params["name"] ?? "";
  const live = fleet.value?.hosts.find((one) => one.name === name);
  const resource = useResource<HostDetails>(`api/hosts/${encodeURIComponent(name)}`, [changesOf(live)]);
  const host = live ?? resource.data?.host;
  const crumbs = [{ href: href(), label: "Fleet" }];
  if (host === undefined)
    return (
      <>
        <PageHead title={name} crumbs={crumbs} />
        {resource.error === undefined ? (
          <Placeholder lines={8} />
        ) : (
          <Refused error={resource.error} onRetry={resource.reload} />
        )}
      </>
    );
  return (
    <>
      <PageHead title={name} crumbs={crumbs} actions={<HostActions host={host} />}>
        <HostSummary host={host} />
      </PageHead>
      <Trouble host={host} />
      <HostTabs host={host} details={resource.data} />
      {resource.error === undefined || host.state === "unreachable" ? null : (
        <Refused error={resource.error} onRetry={resource.reload} />
      )}
    </>
  );
}

// --- internal ---

/** Which tab and which generations are compared stand in the address: `?tab=changes&from=1&to=2`. */
function HostTabs({
  host,
  details,
}: {
  readonly host: FleetHost;
  readonly details: HostDetails | undefined;
}): JSX.Element {
  // Nothing else is known of it.
  if (host.state === "elsewhere") return <Definition host={host} details={details} />;
  const query = new URLSearchParams(place.value.query);
  const asked = query.get("tab") ?? "overview";
  const tabs: Tab[] = [
    { id: "overview", label: "Overview" },
    {
      id: "generations",
      label: "Generations",
      ...(details === undefined ? {} : { count: details.generations.length }),
    },
    { id: "changes", label: "Changes" },
  ];
  const current = tabs.some(({ id }) => id === asked) ? asked : "overview";
  return (
    <Tabs
      label={`About ${host.name}`}
      tabs={tabs}
      current={current}
      onChoose={(id) => replaceQuery(id === "overview" ? "" : `tab=${id}`)}
    >
      {current === "overview" ? <HostOverview host={host} details={details} /> : null}
      {current !== "overview" && details === undefined ? <Placeholder lines={6} /> : null}
      {current === "generations" && details !== undefined ? <GenerationsTab details={details} /> : null}
      {current === "changes" && details !== undefined ? <ChangesTab details={details} query={query} /> : null}
    </Tabs>
  );
}

function HostSummary({
  host: { state, generation, isUpdateAvailable, job, rebootReasons = [] },
}: {
  readonly host: FleetHost;
}) {
  return (
    <span class="summary">
      <State
        tone={state === "reachable" ? "good" : state === "unreachable" ? "bad" : "neutral"}
        isLive={job !== undefined}
      >
        {hostStateWords[state]}
      </State>
      {generation === undefined ? null : <Badge>generation {generation}</Badge>}
      {isUpdateAvailable === true ? <Badge tone="info">update available</Badge> : null}
      {rebootReasons.length > 0 ? <Badge tone="warn">reboot needed</Badge> : null}
    </span>
  );
}

function HostActions({ host }: { readonly host: FleetHost }): JSX.Element {
  const [isAsked, setAsked] = useState(false);
  const canGoBack = !isReadOnly.value && host.state === "reachable" && (host.generation ?? 0) > 1;
  return (
    <>
      {canGoBack ? (
        <Button icon="back" isDisabled={host.job !== undefined} onClick={() => setAsked(true)}>
          Roll back
        </Button>
      ) : null}
      {host.state === "elsewhere" ? null : (
        <Button
          icon="plan"
          kind={host.isUpdateAvailable === true ? "primary" : "plain"}
          onClick={() => void planHosts({ hosts: [host.name] })}
        >
          Plan
        </Button>
      )}
      {isAsked ? <RollbackDialog kind="hosts" name={host.name} onClose={() => setAsked(false)} /> : null}
    </>
  );
}

function Trouble({ host: { name, state, error, target } }: { readonly host: FleetHost }): JSX.Element | null {
  if (state === "elsewhere") return <Elsewhere name={name} />;
  if (state !== "unreachable") return null;
  return (
    <Notice tone="bad" title="It does not answer">
      {error ?? (target === null ? "Nothing says where it is: its target is not set" : `Tried ${target}`)}
    </Notice>
  );
}

function changesOf(live: FleetHost | undefined): string {
  if (live === undefined) return "";
  const { state, generation, bootedAt, failedUnits, rebootReasons } = live;
  return JSON.stringify([state, generation, bootedAt, failedUnits, rebootReasons]);
}
