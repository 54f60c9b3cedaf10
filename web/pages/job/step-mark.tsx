import type { JSX } from "preact";
import type { StepState } from "../../lib/job-view.ts";
import { Spinner } from "../../ui/basics.tsx";
import { Icon } from "../../ui/icons.tsx";

const words: Readonly<Record<StepState | "waiting", string>> = {
  running: "running",
  done: "done",
  failed: "failed",
  waiting: "not begun",
};

/** How a step stands: a symbol with a word for screen readers. */
export function StepMark({ state }: { readonly state: StepState | "waiting" }): JSX.Element {
  return (
    <span class={`step-mark ${state}`}>
      {state === "running" ? <Spinner /> : null}
      {state === "done" ? <Icon name="check" size={14} /> : null}
      {state === "failed" ? <Icon name="cross" size={14} /> : null}
      {state === "waiting" ? <span class="dot" aria-hidden="true" /> : null}
      <span class="visually-hidden">{words[state]}</span>
    </span>
  );
}
