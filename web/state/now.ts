/** The time, for `3 min ago` and for what runs: one timer for all, none while nobody looks. */
import { signal } from "@preact/signals";

/** Milliseconds since the epoch; moves each second. */
export const now = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    if (document.visibilityState === "visible") now.value = Date.now();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    now.value = Date.now();
  });
}
