/** A question on top of the page: the browser's own modal dialog keeps the focus inside and closes with Esc. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./basics.tsx";

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Buttons, the one that goes ahead last. */
  readonly actions?: ComponentChildren;
  readonly isWide?: boolean;
  readonly onClose: () => void;
}

/** Shown as long as it is rendered; the focus goes back to where it was. */
export function Dialog({ title, children, actions, isWide = false, onClose }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={isWide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" icon="close" label="Close" onClick={onClose} />
      </div>
      <div class="dialog-body">{children}</div>
      {actions === undefined ? null : <div class="dialog-actions">{actions}</div>}
    </dialog>
  );
}

/** Yes or no; `onConfirm` may take its time and fails with a toast of its own. */
export function Confirm({
  title,
  children,
  confirm,
  isDangerous = false,
  isBusy = false,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
  /** What the button says: the verb. */
  readonly confirm: string;
  readonly isDangerous?: boolean;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button kind={isDangerous ? "danger" : "primary"} isBusy={isBusy} hasFocus onClick={onConfirm}>
        {confirm}
      </Button>
    </>
  );
  return (
    <Dialog title={title} actions={actions} onClose={onClose}>
      {children}
    </Dialog>
  );
}
