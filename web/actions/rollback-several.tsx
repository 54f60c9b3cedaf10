/** Back to what ran before, of several that one apply changed: one after the other, and no further when one fails. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RollbackPreview } from "../../src/serve/protocol.ts";
import type { RollbackTarget } from "../lib/way-back.ts";
import { counted, listed } from "../lib/words.ts";
import { asRefused, post, type RefusedError } from "../state/api.ts";
import { whenDone } from "../state/store.ts";
import { toast } from "../state/toasts.ts";
import { Button, Placeholder, Refused } from "../ui/basics.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Preview, rollbackPath } from "./rollback-dialog.tsx";
import { startJob } from "./start-job.ts";

export function RollbackSeveral({
  targets,
  onClose,
}: {
  readonly targets: readonly RollbackTarget[];
  readonly onClose: () => void;
}): JSX.Element {
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set());
  const [isBusy, setBusy] = useState(false);
  const chosen = targets.filter(({ name }) => !leftOut.has(name) && !failed.has(name));
  const toggle = (name: string): void => {
    const next = new Set(leftOut);
    if (!next.delete(name)) next.add(name);
    setLeftOut(next);
  };
  const goBack = (): void => {
    setBusy(true);
    void goBackOneByOne(chosen, onClose).then(() => setBusy(false));
  };
  return (
    <Dialog
      title="Roll back what this changed?"
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" icon="back" isBusy={isBusy} isDisabled={chosen.length === 0} onClick={goBack}>
            {chosen.length === targets.length ? `Roll back all ${targets.length}` : `Roll back ${chosen.length}`}
          </Button>
        </>
      }
    >
      <ul class="rollbacks">
        {targets.map((target) => (
          <li key={target.name}>
            <label class="check">
              <input
                type="checkbox"
                checked={!leftOut.has(target.name) && !failed.has(target.name)}
                disabled={failed.has(target.name)}
                onChange={() => toggle(target.name)}
              />
              <strong>{target.name}</strong>
            </label>
            <OnePreview target={target} onRefused={() => setFailed((before) => new Set(before).add(target.name))} />
          </li>
        ))}
      </ul>
      <p class="soft">One after the other; when one fails, the rest stays as it is.</p>
    </Dialog>
  );
}

// --- internal ---

function OnePreview({
  target,
  onRefused,
}: {
  readonly target: RollbackTarget;
  readonly onRefused: () => void;
}): JSX.Element {
  const [preview, setPreview] = useState<RollbackPreview | RefusedError>();
  const path = rollbackPath(target);
  useEffect(() => {
    post<RollbackPreview>(path, { dryRun: true }).then(setPreview, (error) => {
      setPreview(asRefused(error));
      onRefused();
    });
  }, [path]);
  if (preview === undefined) return <Placeholder lines={2} />;
  return preview instanceof Error ? <Refused error={preview} /> : <Preview preview={preview} />;
}

/** `begun`: called once, when the first is under way. */
async function goBackOneByOne(targets: readonly RollbackTarget[], begun: () => void): Promise<void> {
  for (const [index, target] of targets.entries()) {
    const job = await startJob(rollbackPath(target));
    if (job !== undefined && index === 0) begun();
    if (job !== undefined && (await whenDone(job.id)).state === "done") continue;
    const rest = targets.slice(index + 1).map(({ name }) => name);
    if (job !== undefined && rest.length > 0)
      toast(`${counted(rest.length, "rollback")} not begun`, { hint: `${listed(rest)} as before` });
    return;
  }
}
