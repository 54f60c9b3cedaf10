/** What an instance keeps outside its root file system. */
import type { JSX } from "preact";
import type { InstanceDetails } from "../../../src/serve/protocol.ts";
import { Bytes, Empty } from "../../ui/basics.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import type { TabProps } from "../instance.tsx";

type Volume = InstanceDetails["volumes"][number];

export function VolumesTab({ details: { volumes, source } }: TabProps): JSX.Element {
  if (volumes.length === 0)
    return (
      <Empty icon="storage" title="It has no volumes">
        {`All that it writes is lost with its image. Volumes are written in ${source}: volumes: { "/var/lib/data": … }`}
      </Empty>
    );
  return <Table label="Volumes" columns={columns} rows={volumes} keyOf={({ path }) => path} />;
}

// --- internal ---

const columns: readonly Column<Volume>[] = [
  { key: "path", head: "Mounted at", cell: ({ path }) => <code class="break">{path}</code> },
  { key: "name", head: "Volume", cell: ({ name }) => <code>{name}</code> },
  { key: "pool", head: "Pool", from: "medium", cell: ({ pool }) => pool },
  {
    key: "used",
    head: "Used",
    isNumber: true,
    cell: ({ usedBytes }) =>
      usedBytes === undefined ? <span class="soft">not told</span> : <Bytes count={usedBytes} />,
  },
];
