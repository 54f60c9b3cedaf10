/** Going back to a snapshot, and deleting one: what is lost by it is said first. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RestoreRequest } from "../../../src/serve/protocol.ts";
import { startJob } from "../../actions/start-job.ts";
import { whenDone } from "../../state/store.ts";
import { Confirm } from "../../ui/dialog.tsx";

export interface Asked {
  readonly action: "restore" | "delete";
  /** Of the snapshot. */
  readonly name: string;
}

export interface SnapshotDialogProps {
  readonly instance: string;
  readonly asked: Asked;
  /** A name that no snapshot has. */
  readonly spare: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function SnapshotDialog({ instance, asked, spare, onDone, onClose }: SnapshotDialogProps): JSX.Element {
  const { action, name } = asked;
  const [isKept, setKept] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const path = `api/instances/${encodeURIComponent(instance)}/snapshots/${encodeURIComponent(name)}`;
  const run = async (): Promise<void> => {
    setBusy(true);
    const restore: RestoreRequest = { confirm: name, ...(isKept ? { saveAs: spare } : {}) };
    const job = action === "delete" ? await startJob(path, "delete") : await startJob(`${path}/restore`, restore);
    if (job === undefined) return setBusy(false);
    onClose();
    await whenDone(job.id);
    onDone();
  };
  return (
    <Confirm
      title={action === "delete" ? `Delete the snapshot ${name}?` : `Put ${instance} back to ${name}?`}
      confirm={action === "delete" ? "Delete" : "Restore"}
      isDangerous={action === "delete" || !isKept}
      isBusy={isBusy}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      {action === "delete" ? (
        <p>It cannot be brought back. The instance itself stays as it is.</p>
      ) : (
        <>
          <p>All that was written to its root file system since then is lost. Volumes stay as they are.</p>
          <label class="check">
            <input type="checkbox" checked={isKept} onChange={(event) => setKept(event.currentTarget.checked)} />
            <span>
              First keep what there is now, as <code>{spare}</code>
            </span>
          </label>
        </>
      )}
    </Confirm>
  );
}
