/** Keys: single ones (`/`), and one after the other (`g f`). None is taken while somebody types. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export interface Shortcut {
  /** `?`, `/`, `g f`. */
  readonly keys: string;
  readonly label: string;
  readonly run: () => void;
}

/** Those that count on this page, in the order in which they were added. */
export const shortcuts = signal<readonly Shortcut[]>([]);

/** Adds shortcuts while a component is shown. `deps` as of an effect. */
export function useShortcuts(made: readonly Shortcut[], deps: readonly unknown[] = []): void {
  useEffect(() => {
    shortcuts.value = [...shortcuts.peek(), ...made];
    return () => {
      shortcuts.value = shortcuts.peek().filter((one) => !made.includes(one));
    };
  }, deps as unknown[]);
}

export function startShortcuts(): void {
  let before = "";
  let at = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const prefix = event.timeStamp - at < 1200 ? before : "";
    before = event.key;
    at = event.timeStamp;
    const wanted = prefix === "" ? [event.key] : [`${prefix} ${event.key}`, event.key];
    const found = wanted.flatMap((keys) => shortcuts.peek().findLast((one) => one.keys === keys) ?? [])[0];
    if (found === undefined) return;
    event.preventDefault();
    before = "";
    found.run();
  });
}

// --- internal ---

function isTyping({ target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest(".xterm, dialog[open], [role=alertdialog]") !== null) return true;
  const isText = target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
  return (
    isText || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}
