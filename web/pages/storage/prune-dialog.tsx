/** Deleting images that nothing needs: each of them is named before. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { PruneRequest, Storage } from "../../../src/serve/protocol.ts";
import { startJob } from "../../actions/start-job.ts";
import { bytes, counted } from "../../lib/words.ts";
import { whenDone } from "../../state/store.ts";
import { Ago } from "../../ui/basics.tsx";
import { Confirm } from "../../ui/dialog.tsx";

export interface PruneDialogProps {
  readonly storage: Storage;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function PruneDialog({ storage, onDone, onClose }: PruneDialogProps): JSX.Element {
  // What is asked for is what was seen, also when the list behind it changes meanwhile.
  const [going] = useState(() => storage.images.filter(({ isPrunable }) => isPrunable));
  const [isBusy, setBusy] = useState(false);
  const freed = going.reduce((sum, image) => sum + image.bytes, 0);
  const prune = async (): Promise<void> => {
    setBusy(true);
    const images = going.map(({ server, fingerprint }) => ({ server, fingerprint }));
    const job = await startJob("api/images/prune", { images } satisfies PruneRequest);
    if (job === undefined) return setBusy(false);
    onClose();
    await whenDone(job.id);
    onDone();
  };
  return (
    <Confirm
      title={`Delete ${counted(going.length, "image")}?`}
      confirm={`Delete, freeing ${bytes(freed)}`}
      isDangerous
      isBusy={isBusy}
      onConfirm={() => void prune()}
      onClose={onClose}
    >
      <p>Nothing runs them, and no way back leads to them. Each can be built again from its definition.</p>
      <ul class="plain-list boxed">
        {going.map(({ server, fingerprint, container, bytes: size, importedAt }) => (
          <li key={server + fingerprint} class="item-head">
            <strong>{container ?? "no container"}</strong>
            <code>{fingerprint.slice(0, 12)}</code>
            <span class="faint">
              {server}, imported <Ago at={importedAt} />
            </span>
            <span class="push number">{bytes(size)}</span>
          </li>
        ))}
      </ul>
    </Confirm>
  );
}
