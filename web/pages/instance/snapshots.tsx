/** Snapshots of an instance, and taking one. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { InstanceDetails } from "../../../src/serve/protocol.ts";
import { startJob } from "../../actions/start-job.ts";
import { dateTime } from "../../lib/words.ts";
import { isReadOnly, whenDone } from "../../state/store.ts";
import { Ago, Button, Bytes, Empty } from "../../ui/basics.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import type { TabProps } from "../instance.tsx";
import { type Asked, SnapshotDialog } from "./snapshot-dialog.tsx";

type Snapshot = InstanceDetails["snapshots"][number];

export function SnapshotsTab({ details: { snapshots }, instance, reload }: TabProps): JSX.Element {
  const [asked, setAsked] = useState<Asked>();
  const canChange = !isReadOnly.value && (instance.state === "running" || instance.state === "stopped");
  return (
    <>
      {canChange ? <TakeSnapshot name={instance.name} taken={snapshots} onTaken={reload} /> : null}
      {snapshots.length === 0 ? (
        <Empty icon="camera" title="There are no snapshots">
          A snapshot keeps the root file system as it is now. Volumes are not part of it.
        </Empty>
      ) : (
        <Table
          label="Snapshots"
          columns={canChange ? [...columns, actionsColumn(setAsked, instance.job !== undefined)] : columns}
          rows={snapshots}
          keyOf={({ name }) => name}
        />
      )}
      {asked === undefined ? null : (
        <SnapshotDialog
          instance={instance.name}
          asked={asked}
          spare={freeName(snapshots)}
          onDone={reload}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

// --- internal ---

const columns: readonly Column<Snapshot>[] = [
  { key: "name", head: "Name", cell: ({ name }) => <code class="break">{name}</code> },
  { key: "created", head: "Taken", cell: ({ createdAt }) => <Ago at={createdAt} /> },
  {
    key: "expires",
    head: "Kept until",
    from: "medium",
    cell: ({ expiresAt }) =>
      expiresAt === undefined ? <span class="soft">it is deleted</span> : dateTime(Date.parse(expiresAt)),
  },
  {
    key: "size",
    head: "Size",
    isNumber: true,
    cell: ({ bytes }) => (bytes === undefined ? <span class="soft">not told</span> : <Bytes count={bytes} />),
  },
];

function actionsColumn(ask: (asked: Asked) => void, isBusy: boolean): Column<Snapshot> {
  return {
    key: "actions",
    head: <span class="visually-hidden">Actions</span>,
    isNumber: true,
    cell: ({ name }) => (
      <>
        <Button isSmall kind="quiet" icon="back" isDisabled={isBusy} onClick={() => ask({ action: "restore", name })}>
          Restore
        </Button>
        <Button
          isSmall
          kind="quiet"
          icon="trash"
          isDisabled={isBusy}
          label={`Delete ${name}`}
          onClick={() => ask({ action: "delete", name })}
        />
      </>
    ),
  };
}

function TakeSnapshot({
  name,
  taken,
  onTaken,
}: {
  readonly name: string;
  readonly taken: readonly Snapshot[];
  readonly onTaken: () => void;
}): JSX.Element {
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const free = freeName(taken);
  const take = async (): Promise<void> => {
    setBusy(true);
    const job = await startJob(`api/instances/${encodeURIComponent(name)}/snapshots`, { name: typed.trim() || free });
    if (job !== undefined) {
      await whenDone(job.id);
      setTyped("");
      onTaken();
    }
    setBusy(false);
  };
  return (
    <form
      class="toolbar"
      onSubmit={(event) => {
        event.preventDefault();
        void take();
      }}
    >
      <input
        class="field"
        aria-label="Name of the snapshot"
        placeholder={free}
        pattern="[^\/\s]+"
        title="Without slashes and spaces"
        maxLength={63}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" icon="camera" isBusy={isBusy}>
        Take a snapshot
      </Button>
    </form>
  );
}

/** As Incus names them: the first of `snap0`, `snap1`, … that is free. */
function freeName(taken: readonly Snapshot[]): string {
  let number = 0;
  while (taken.some(({ name }) => name === `snap${number}`)) number += 1;
  return `snap${number}`;
}
