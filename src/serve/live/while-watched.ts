import type { Broadcast } from "./broadcast.ts";

/** Does the work every so many milliseconds, and at once when a page is opened; nothing while nobody looks. */
export function whileWatched(
  { broadcast, signal }: { readonly broadcast: Broadcast; readonly signal: AbortSignal },
  ms: number,
  work: () => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  broadcast.onWatched((isWatched) => {
    clearInterval(timer);
    if (!isWatched || signal.aborted) return;
    work();
    timer = setInterval(work, ms).unref();
  });
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
