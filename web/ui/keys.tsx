/** Keys, and the dialog that shows which there are. */
import type { JSX } from "preact";
import { shortcuts } from "../state/shortcuts.ts";
import { Dialog } from "./dialog.tsx";

/** `g f` as two keys. */
export function Keys({ keys }: { readonly keys: string }): JSX.Element {
  return (
    <span class="keys">
      {keys.split(" ").map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

export function KeysDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="keys-list">
        {shortcuts.value.map(({ keys, label }) => (
          <div key={keys + label}>
            <dt>{label}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
        <div>
          <dt>Open, select, unfold a row of the fleet</dt>
          <dd>
            <Keys keys="Enter x e" />
          </dd>
        </div>
        <div>
          <dt>Next and previous row of a table</dt>
          <dd>
            <Keys keys="↓ ↑" />
          </dd>
        </div>
      </dl>
    </Dialog>
  );
}
