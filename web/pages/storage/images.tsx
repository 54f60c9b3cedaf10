/** The images that floe imported. */
import type { JSX } from "preact";
import type { Storage } from "../../../src/serve/protocol.ts";
import { Ago, Badge, Bytes, Empty } from "../../ui/basics.tsx";
import { type Column, Table } from "../../ui/table.tsx";

type Image = Storage["images"][number];

export function ImageTable({ images }: { readonly images: readonly Image[] }): JSX.Element {
  if (images.length === 0)
    return (
      <Empty icon="storage" title="There are no images">
        The first apply builds and imports them.
      </Empty>
    );
  return (
    <Table
      label="Images"
      columns={
        images.some(({ project }) => project !== "default") ? columns : columns.filter(({ key }) => key !== "project")
      }
      rows={images}
      keyOf={({ server, project, fingerprint }) => `${server}/${project}/${fingerprint}`}
    />
  );
}

// --- internal ---

const columns: readonly Column<Image>[] = [
  { key: "container", head: "Of", cell: ({ container }) => <strong>{container ?? "no container"}</strong> },
  {
    key: "fingerprint",
    head: "Fingerprint",
    from: "medium",
    cell: ({ fingerprint }) => <code title={fingerprint}>{fingerprint.slice(0, 12)}</code>,
  },
  { key: "server", head: "Server", from: "medium", cell: ({ server }) => server },
  { key: "project", head: "Project", from: "wide", cell: ({ project }) => project },
  { key: "imported", head: "Imported", from: "medium", cell: ({ importedAt }) => <Ago at={importedAt} /> },
  { key: "used", head: "Why it stays", cell: (row) => <Why row={row} /> },
  { key: "bytes", head: "Size", isNumber: true, cell: (row) => <Bytes count={row.bytes} /> },
];

function Why({ row: { usedBy, isPrunable } }: { readonly row: Image }): JSX.Element {
  if (usedBy.length > 0) return <>{usedBy.join(", ")}</>;
  return isPrunable ? <Badge tone="warn">nothing needs it</Badge> : <span class="faint">nothing needs it</span>;
}
