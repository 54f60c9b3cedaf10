/** Short messages in the corner. */
import type { JSX } from "preact";
import { dismiss, toasts } from "../state/toasts.ts";
import { Button } from "./basics.tsx";
import { Icon } from "./icons.tsx";

/** The region is always there, so that screen readers hear what comes into it. */
export function Toasts(): JSX.Element {
  return (
    <div class="toasts" aria-live="polite">
      {toasts.value.map(({ id, tone, text, hint, link }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon name={tone === "good" ? "check" : tone === "bad" ? "warning" : "info"} />
          <div class="toast-text">
            <span>{text}</span>
            {hint === undefined ? null : <small>{hint}</small>}
            {link === undefined ? null : <a href={link.href}>{link.label}</a>}
          </div>
          <Button kind="quiet" isSmall icon="close" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
