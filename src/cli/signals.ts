/** Ctrl-C and its relatives: the first asks to stop cleanly, a second soon after ends floe at once. */

import { setMaxListeners } from "node:events";

/** A second signal within this many milliseconds kills. */
const impatientMs = 3000;

/** A terminal sends SIGINT to the whole group, and npm or npx may pass it on as well: what comes closer than this is the same keypress. */
const samePressMs = 100;

export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** Called with each signal; true: whoever runs has dealt with it, and nothing else happens. */
export type Intercept = (signal: NodeJS.Signals) => boolean;

/**
 * The signal that the whole run listens to. `say` gets the words for the terminal, `kill` ends floe without clean-up
 * (what is left half done is finished or undone by the next apply).
 */
export function watchSignals(
  source: SignalSource,
  say: (text: string) => void,
  kill: () => void,
  intercept: Intercept = () => false,
): AbortSignal {
  const controller = new AbortController();
  // Everything that runs at the same time listens, and Node takes more than ten listeners for a leak.
  setMaxListeners(0, controller.signal);
  let pressed: number | undefined;
  let last: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    source.on(signal, () => {
      const now = performance.now();
      if (pressed !== undefined && now - pressed < samePressMs) return;
      pressed = now;
      if (intercept(signal)) return;
      const previous = last;
      last = now;
      if (previous !== undefined && now - previous < impatientMs) return kill();
      say(previous === undefined ? "Stopping… (again within 3 s to end at once)\n" : "Still stopping…\n");
      controller.abort();
    });
  }
  return controller.signal;
}
