/** A connection that is lost, or a server that restarts, in the middle of a change: what was stopped is not left so. */
import { IncusError } from "../errors.ts";
import { physicalNames } from "../plan/labels.ts";
import { waitForQuiet } from "../plan/operations.ts";
import { pause } from "../util/pause.ts";
import { type ApplyContext, messageOf, type Target } from "./context.ts";
import { untilReady } from "./ready.ts";

/** A server that is updated and restarts is back within a minute. */
const longestMs = 60_000;
const askEveryMs = 500;
const attempts = 3;

/**
 * Does what brings an instance back after `cause`. Where that is a lost connection, or the connection is lost again
 * meanwhile, it waits until the server answers, has started what it starts by itself, and has ended what it was asked for.
 * @throws the last error, when the server does not come back in time
 */
export async function despiteOutage<T>(
  context: ApplyContext,
  target: Target,
  cause: unknown,
  action: () => Promise<T>,
): Promise<T> {
  let lost = isOutage(cause);
  for (let attempt = 1; ; attempt++) {
    if (lost) await untilReachable(context, target);
    try {
      return await action();
    } catch (error) {
      lost = isOutage(error);
      if (!lost || attempt === attempts) throw error;
    }
  }
}

// --- internal ---

/** There was no answer; that of a check of health is the cause of another error. */
function isOutage(error: unknown): boolean {
  if (error instanceof IncusError && error.status === 0) return true;
  return error instanceof Error && error.cause !== undefined && isOutage(error.cause);
}

async function untilReachable({ emit }: ApplyContext, { client, project, name }: Target): Promise<void> {
  const deadline = performance.now() + longestMs;
  let isTold = false;
  for (;;) {
    try {
      const names: readonly string[] = Object.values(physicalNames(name));
      await untilReady(client, Math.max(0, deadline - performance.now()));
      return await waitForQuiet(client, (place, physical) => place === project && names.includes(physical));
    } catch (error) {
      if (!isOutage(error) || performance.now() > deadline) throw error;
      const text = `${messageOf(error)}. Waiting up to ${longestMs / 1000} s for the server, to bring "${name}" back`;
      if (!isTold) emit({ type: "message", level: "warning", text });
      isTold = true;
      await pause(askEveryMs);
    }
  }
}
