/** One instance: what it is, what is declared of it, how it fared, and what can be done with it. */
import type { ComponentType, JSX } from "preact";
import type { FleetInstance, InstanceDetails } from "../../src/serve/protocol.ts";
import { addressOf } from "../lib/fleet-view.ts";
import type { PageProps } from "../routes.tsx";
import { href } from "../state/base.ts";
import { type Resource, useResource } from "../state/resource.ts";
import { place, replaceQuery } from "../state/router.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { fleet } from "../state/store.ts";
import { PageHead, Placeholder, Refused } from "../ui/basics.tsx";
import { type Tab, Tabs } from "../ui/tabs.tsx";
import { InstanceActions } from "./instance/actions.tsx";
import { ConfigTab } from "./instance/config.tsx";
import { DevicesTab } from "./instance/devices.tsx";
import { HealthTab } from "./instance/health.tsx";
import { LogsTab } from "./instance/logs.tsx";
import { OverviewTab } from "./instance/overview.tsx";
import { SnapshotsTab } from "./instance/snapshots.tsx";
import { InstanceSummary } from "./instance/summary.tsx";
import { ConsoleTab, TerminalTab } from "./instance/terminal.tsx";
import { VolumesTab } from "./instance/volumes.tsx";

/** What every tab gets. */
export interface TabProps {
  readonly details: InstanceDetails;
  /** As it is at this moment. */
  readonly instance: FleetInstance;
  readonly reload: () => void;
}

export function InstancePage({ params }: PageProps): JSX.Element {
  const wanted = params["name"] ?? "";
  const live = fleet.value?.instances.find((one) => one.name === wanted || addressOf(one) === wanted);
  const resource = useResource<InstanceDetails>(`api/instances/${encodeURIComponent(wanted)}`, [changesOf(live)]);
  const instance = live ?? resource.data?.instance;
  const crumbs = [{ href: href(), label: "Fleet" }];
  if (instance === undefined) return <Unknown name={wanted} crumbs={crumbs} resource={resource} />;
  return (
    <>
      <PageHead title={instance.name} crumbs={crumbs} actions={<InstanceActions instance={instance} />}>
        <InstanceSummary instance={instance} />
      </PageHead>
      <InstanceTabs instance={instance} resource={resource} />
    </>
  );
}

// --- internal ---

const panels: Readonly<Record<string, ComponentType<TabProps>>> = {
  overview: OverviewTab,
  config: ConfigTab,
  health: HealthTab,
  devices: DevicesTab,
  volumes: VolumesTab,
  snapshots: SnapshotsTab,
  logs: LogsTab,
  terminal: TerminalTab,
  console: ConsoleTab,
};

/** Which tab stands in the address, as `?tab=logs`. */
function InstanceTabs({
  instance,
  resource: { data, error, reload },
}: {
  readonly instance: FleetInstance;
  readonly resource: Resource<InstanceDetails>;
}): JSX.Element {
  const asked = new URLSearchParams(place.value.query).get("tab") ?? "";
  const current = Object.hasOwn(panels, asked) ? asked : "overview";
  const Panel = panels[current] ?? OverviewTab;
  const choose = (id: string): void => replaceQuery(id === "overview" ? "" : `tab=${id}`);
  useShortcuts([
    { keys: "o", label: "Overview", run: () => choose("overview") },
    { keys: "l", label: "Logs", run: () => choose("logs") },
    { keys: "t", label: "Terminal", run: () => choose("terminal") },
  ]);
  return (
    <Tabs label={`About ${instance.name}`} tabs={tabsOf(data)} current={current} onChoose={choose}>
      {error === undefined ? null : <Refused error={error} onRetry={reload} />}
      {data !== undefined ? <Panel key={current} details={data} instance={instance} reload={reload} /> : null}
      {data === undefined && error === undefined ? <Placeholder lines={6} /> : null}
    </Tabs>
  );
}

function tabsOf(details: InstanceDetails | undefined): Tab[] {
  const counts: Readonly<Record<string, number | undefined>> = {
    devices: details?.devices.length,
    volumes: details?.volumes.length,
    snapshots: details?.snapshots.length,
  };
  return Object.keys(panels).map((id) => {
    const label = id.charAt(0).toUpperCase() + id.slice(1);
    const count = counts[id];
    return count === undefined ? { id, label } : { id, label, count };
  });
}

/** What of the live state makes the details worth reading again: not its use of the processor. */
function changesOf(live: FleetInstance | undefined): string {
  if (live === undefined) return "";
  const { state, startedAt, image, isHealthy, failures, job, pending, hasPrevious } = live;
  return JSON.stringify([state, startedAt, image?.fingerprint, isHealthy, failures, job, pending?.length, hasPrevious]);
}

function Unknown({
  name,
  crumbs,
  resource: { error, reload },
}: {
  readonly name: string;
  readonly crumbs: readonly { readonly href: string; readonly label: string }[];
  readonly resource: Resource<InstanceDetails>;
}): JSX.Element {
  return (
    <>
      <PageHead title={name} crumbs={crumbs} />
      {error === undefined ? <Placeholder lines={8} /> : <Refused error={error} onRetry={reload} />}
    </>
  );
}
