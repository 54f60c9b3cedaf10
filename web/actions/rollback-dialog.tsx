/** Back to what ran before: says what that is before it is asked for. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RollbackPreview } from "../../src/serve/protocol.ts";
import type { RollbackTarget } from "../lib/way-back.ts";
import { roughly } from "../lib/words.ts";
import { asRefused, post, type RefusedError } from "../state/api.ts";
import { Button, Placeholder, Refused } from "../ui/basics.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { startJob } from "./start-job.ts";

export interface RollbackDialogProps extends RollbackTarget {
  /** A generation; absent: the one before. */
  readonly to?: number;
  readonly onClose: () => void;
}

export function RollbackDialog({ kind, name, to, onClose }: RollbackDialogProps): JSX.Element {
  const path = rollbackPath({ kind, name });
  const aim = to === undefined ? {} : { to };
  const [preview, setPreview] = useState<RollbackPreview | RefusedError>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    post<RollbackPreview>(path, { ...aim, dryRun: true }).then(setPreview, (error) => setPreview(asRefused(error)));
  }, [path, to]);
  const goBack = async (): Promise<void> => {
    setBusy(true);
    if ((await startJob(path, aim)) === undefined) setBusy(false);
    else onClose();
  };
  const isKnown = preview !== undefined && !(preview instanceof Error);
  return (
    <Dialog
      title={to === undefined ? `Roll ${name} back?` : `Roll ${name} back to generation ${to}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" icon="back" isBusy={isBusy} isDisabled={!isKnown} onClick={() => void goBack()}>
            Roll back
          </Button>
        </>
      }
    >
      {preview === undefined ? <Placeholder lines={3} /> : null}
      {preview instanceof Error ? <Refused error={preview} /> : null}
      {isKnown ? <Preview preview={preview} /> : null}
    </Dialog>
  );
}

export function rollbackPath({ kind, name }: RollbackTarget): string {
  return `api/${kind}/${encodeURIComponent(name)}/rollback`;
}

export function Preview({ preview: { lines, downtimeMs } }: { readonly preview: RollbackPreview }): JSX.Element {
  return (
    <>
      <pre class="preview">{lines.join("\n")}</pre>
      {downtimeMs === undefined ? null : (
        <p>{downtimeMs === 0 ? "It serves all the while." : `It does not serve for ${roughly(downtimeMs)}.`}</p>
      )}
    </>
  );
}
