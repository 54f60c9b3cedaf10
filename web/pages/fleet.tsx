/** Every host and every instance: how it is, what it uses, and what is out of date. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { planInstances } from "../actions/make-plan.ts";
import { addressOf, type FleetView, readFleetView, shownInstances, writeFleetView } from "../lib/fleet-view.ts";
import { session } from "../state/api.ts";
import { place, replaceQuery } from "../state/router.ts";
import { fleet } from "../state/store.ts";
import { Button, Empty, Notice, PageHead, Section, Spinner } from "../ui/basics.tsx";
import { Problems } from "../ui/problems.tsx";
import { BulkBar } from "./fleet/bulk.tsx";
import { Filters } from "./fleet/filters.tsx";
import { Hosts } from "./fleet/hosts.tsx";
import { InstanceTable } from "./fleet/instances.tsx";
import { LoadingRows } from "./fleet/loading.tsx";

/** Addresses; kept while other pages are looked at. */
const chosen = signal<ReadonlySet<string>>(new Set());

export function FleetPage(): JSX.Element {
  const state = fleet.value;
  const view = readFleetView(place.value.query);
  const change = (next: Partial<FleetView>): void => replaceQuery(writeFleetView({ ...view, ...next }));
  const about = typeof session.value === "object" ? session.value.description : "";
  return (
    <>
      <PageHead title="Fleet" actions={<PlanAll />}>
        {about}
        {state?.isPlanning === true ? (
          <span class="looking">
            <Spinner /> Looking for updates
          </span>
        ) : null}
      </PageHead>
      {state?.otherFloe === undefined ? null : (
        <Notice title={`Another floe is at work: ${state.otherFloe}`}>Changes are refused until it has ended.</Notice>
      )}
      {state === undefined ? null : (
        <>
          {state.servers
            .filter((server) => server.state === "unreachable")
            .map(({ name, error }) => (
              <Notice key={name} tone="warn" title={`The server ${name} does not answer`}>
                {error}
              </Notice>
            ))}
          <Problems
            problems={state.problems.filter(({ subject }) => !subject.startsWith("server "))}
            title="Problems"
          />
          <Hosts hosts={state.hosts} />
        </>
      )}
      <Instances view={view} onChange={change} />
    </>
  );
}

// --- internal ---

function PlanAll(): JSX.Element {
  return (
    <Button kind="primary" icon="plan" onClick={() => void planInstances()}>
      Plan everything
    </Button>
  );
}

function Instances({
  view,
  onChange,
}: {
  readonly view: FleetView;
  readonly onChange: (next: Partial<FleetView>) => void;
}): JSX.Element {
  const all = fleet.value?.instances;
  const query = writeFleetView(view);
  const shown = useMemo(() => shownInstances(all ?? [], view), [all, query]);
  const picked = (all ?? []).filter((instance) => chosen.value.has(addressOf(instance)));
  const isPlain = writeFleetView({ ...view, sort: "name", isDescending: false }) === "";
  return (
    <Section title="Instances" aside={<Count shown={shown.length} all={all?.length} />}>
      <Filters view={view} instances={all ?? []} onChange={onChange} />
      {all === undefined ? <LoadingRows /> : null}
      {all !== undefined && shown.length > 0 ? (
        <InstanceTable
          instances={shown}
          isManyServers={new Set(all.map(({ server }) => server)).size > 1}
          sorting={{ key: view.sort, isDescending: view.isDescending }}
          chosen={chosen}
          onSort={({ key, isDescending }) => onChange({ sort: key as FleetView["sort"], isDescending })}
        />
      ) : null}
      {all !== undefined && shown.length === 0 ? (
        <div class="card">
          {isPlain ? (
            <Empty icon="instance" title="No instances yet">
              A file in <code>containers/</code> describes an image and its instances; it appears here as soon as it is
              there.
            </Empty>
          ) : (
            <Empty
              icon="search"
              title="Nothing fits the filter"
              action={
                <Button onClick={() => onChange({ text: "", state: "all", tag: "", server: "" })}>
                  Show everything
                </Button>
              }
            />
          )}
        </div>
      ) : null}
      <BulkBar instances={picked} onClear={() => (chosen.value = new Set())} />
    </Section>
  );
}

function Count({ shown, all }: { readonly shown: number; readonly all: number | undefined }): JSX.Element {
  if (all === undefined) return <span>…</span>;
  return <span class="number">{shown === all ? all : `${shown} of ${all}`}</span>;
}
