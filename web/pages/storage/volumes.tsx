/** Volumes: what instances keep. floe deletes none of them. */
import type { JSX } from "preact";
import type { Storage } from "../../../src/serve/protocol.ts";
import { Bytes, Empty } from "../../ui/basics.tsx";
import { type Column, Table } from "../../ui/table.tsx";

type Volume = Storage["volumes"][number];

export function VolumeTable({ volumes }: { readonly volumes: readonly Volume[] }): JSX.Element {
  if (volumes.length === 0)
    return (
      <Empty icon="storage" title="There are no volumes">
        No instance of the fleet keeps anything on one.
      </Empty>
    );
  return (
    <Table
      label="Volumes"
      columns={
        volumes.some(({ project }) => project !== "default") ? columns : columns.filter(({ key }) => key !== "project")
      }
      rows={volumes}
      keyOf={({ server, project, pool, name }) => `${server}/${project}/${pool}/${name}`}
    />
  );
}

// --- internal ---

const columns: readonly Column<Volume>[] = [
  { key: "name", head: "Name", cell: ({ name }) => <strong class="break">{name}</strong> },
  { key: "pool", head: "Pool", cell: ({ pool }) => pool },
  { key: "server", head: "Server", from: "medium", cell: ({ server }) => server },
  { key: "project", head: "Project", from: "medium", cell: ({ project }) => project },
  {
    key: "used",
    head: "Used by",
    cell: ({ usedBy }) => (usedBy.length === 0 ? <span class="faint">nothing</span> : usedBy.join(", ")),
  },
  {
    key: "bytes",
    head: "Size",
    isNumber: true,
    cell: ({ usedBytes }) =>
      usedBytes === undefined ? <span class="faint">not told</span> : <Bytes count={usedBytes} />,
  },
];
