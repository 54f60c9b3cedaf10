/** The generations of a host, the newest first, and the way back to any of them. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { HostDetails } from "../../../src/serve/protocol.ts";
import { RollbackDialog } from "../../actions/rollback-dialog.tsx";
import { counted } from "../../lib/words.ts";
import { replaceQuery } from "../../state/router.ts";
import { isReadOnly } from "../../state/store.ts";
import { Ago, Badge, Button, Bytes, Empty } from "../../ui/basics.tsx";
import { type Column, Table } from "../../ui/table.tsx";

type Generation = HostDetails["generations"][number];

export function GenerationsTab({ details: { generations, host } }: { readonly details: HostDetails }): JSX.Element {
  const [asked, setAsked] = useState<number>();
  if (generations.length === 0)
    return (
      <Empty icon="history" title="There are no generations">
        {host.state === "reachable" ? "floe has not switched it yet." : "It does not answer, so they are not known."}
      </Empty>
    );
  const canGoBack = !isReadOnly.value && host.state === "reachable" && host.job === undefined;
  return (
    <>
      <Table
        label={`Generations of ${host.name}`}
        columns={[...knownColumns(generations), actionsColumn(canGoBack ? setAsked : undefined)]}
        rows={generations}
        keyOf={({ number }) => String(number)}
      />
      {asked === undefined ? null : (
        <RollbackDialog kind="hosts" name={host.name} to={asked} onClose={() => setAsked(undefined)} />
      )}
    </>
  );
}

// --- internal ---

const columns: readonly Column<Generation>[] = [
  { key: "number", head: "Generation", cell: (row) => <GenerationNumber row={row} /> },
  { key: "since", head: "Made", cell: ({ since }) => <Ago at={since} /> },
  { key: "by", head: "By", from: "medium", cell: ({ by }) => by ?? <span class="faint">not floe</span> },
  { key: "version", head: "Version", from: "wide", cell: ({ version }) => version ?? "" },
  { key: "kernel", head: "Kernel", from: "wide", cell: ({ kernel }) => kernel ?? "" },
  {
    key: "packages",
    head: "Against the one before",
    from: "medium",
    cell: ({ packages }) =>
      packages === undefined ? "" : counted(packages.changes.length, "package changed", "packages changed"),
  },
  {
    key: "size",
    head: "Closure",
    isNumber: true,
    from: "medium",
    cell: ({ closureSize }) => (closureSize === undefined ? "" : <Bytes count={closureSize} />),
  },
];

/** Closures can be told only where the store has them registered. */
function knownColumns(rows: readonly Generation[]): Column<Generation>[] {
  return columns.filter(
    ({ key }) =>
      (key !== "packages" || rows.some(({ packages }) => packages !== undefined)) &&
      (key !== "size" || rows.some(({ closureSize }) => closureSize !== undefined)),
  );
}

function actionsColumn(ask: ((number: number) => void) | undefined): Column<Generation> {
  return {
    key: "actions",
    head: <span class="visually-hidden">Actions</span>,
    isNumber: true,
    cell: ({ number, isCurrent, packages }) => (
      <>
        {packages === undefined ? null : (
          <Button
            isSmall
            kind="quiet"
            label={`What changed in generation ${number}`}
            title="What changed"
            icon="plan"
            onClick={() => replaceQuery(`tab=changes&from=${packages.since}&to=${number}`)}
          />
        )}
        {ask === undefined || isCurrent ? null : (
          <Button isSmall kind="quiet" icon="back" onClick={() => ask(number)}>
            Go to it
          </Button>
        )}
      </>
    ),
  };
}

function GenerationNumber({
  row: { number, isCurrent, isBooted, isFailed, isNext, sameAs },
}: {
  readonly row: Generation;
}) {
  return (
    <span class="item-head">
      <strong>{number}</strong>
      {isCurrent ? <Badge tone="good">runs</Badge> : null}
      {isNext && !isCurrent ? <Badge tone="info">next boot</Badge> : null}
      {isBooted && !isCurrent ? <Badge>booted</Badge> : null}
      {isFailed === true ? <Badge tone="bad">failed</Badge> : null}
      {sameAs === undefined ? null : <span class="faint">same as {sameAs}</span>}
    </span>
  );
}
