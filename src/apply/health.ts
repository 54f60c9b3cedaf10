/** Waiting until an instance works, or it is clear that it does not. */
import { CancelledError, FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { HealthCheck } from "../model/fleet.ts";
import { statusOf } from "../plan/observed.ts";
import { linkedTo, pause } from "../util/pause.ts";
import { lastWords, withLastWords } from "./logs.ts";
import { type ProbeTarget, probe } from "./probes.ts";

/** An instance without checks is taken for healthy when it has been up for this long. */
const upMs = 1000;
/** How often its state is looked at. */
const watchMs = 250;
/** A single probe is given up after this long, so that one lost packet does not use up the whole time. */
const longestProbeMs = 10_000;
const shortestProbeMs = 100;

/**
 * Resolves when every check has passed and the instance still runs.
 * @throws FloeError with the last failure and the last lines of its log, when a check does not pass in its time or the
 * instance stops; CancelledError when the signal aborts
 */
export async function waitHealthy(
  target: InstanceTarget,
  checks: readonly HealthCheck[],
  signal: AbortSignal,
): Promise<void> {
  const limit = linkedTo(signal);
  const watch = watchUp(target, limit.signal);
  try {
    const passed =
      checks.length === 0
        ? pause(upMs, limit.signal)
        : Promise.all(checks.map((check) => waitFor(target, check, limit.signal)));
    await Promise.race([passed, watch]);
    if (signal.aborted) throw new CancelledError("Cancelled while waiting for health");
    await requireUp(target);
  } catch (error) {
    if (signal.aborted || error instanceof CancelledError)
      throw new CancelledError("Cancelled while waiting for health");
    throw unhealthy(error, target.name, await lastWords(target, target.name));
  } finally {
    limit.abort();
    await watch.catch(() => {});
  }
}

/**
 * For a predecessor that was put back: up, and still up a moment later.
 * @throws FloeError when it is not
 */
export async function waitUp(target: InstanceTarget): Promise<void> {
  await waitHealthy(target, [], new AbortController().signal);
}

/**
 * Asks one check again and again until it passes, or the signal aborts.
 * @throws FloeError with the last failure when it does not pass in its time
 */
export async function waitFor(target: ProbeTarget, check: HealthCheck, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + check.withinMs;
  const { passes = 1 } = check;
  let passed = 0;
  let last = "";
  while (!signal.aborted) {
    const left = deadline - performance.now();
    // A probe with no time left would only hide what the one before it found.
    if (left <= 0 || (last !== "" && left < shortestProbeMs))
      throw new FloeError(
        `Not healthy within ${check.withinMs < 1000 ? `${check.withinMs} ms` : `${check.withinMs / 1000} s`}: ${last}`,
      );
    const failure = await probe(target, check, Math.max(1, Math.min(left, longestProbeMs)), signal);
    passed = failure === undefined ? passed + 1 : 0;
    if (passed >= passes) return;
    // What the end of the time cut short says less than what was found before.
    const isCut = failure !== undefined && performance.now() >= deadline;
    if (!signal.aborted && !(isCut && last !== "")) last = failure ?? `It passed ${passed} of ${passes} times in a row`;
    await pause(Math.min(check.intervalMs, Math.max(0, deadline - performance.now())), signal);
  }
}

// --- internal ---

interface InstanceTarget extends ProbeTarget {
  /** Its log is read too. */
  readonly client: IncusClient;
}

/** Rejects as soon as the instance is down; resolves only when the signal aborts. */
async function watchUp(target: ProbeTarget, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(watchMs, signal);
    if (!signal.aborted) await requireUp(target);
  }
}

/** Its `/state` cannot be read while a container ends by itself; the instance can. */
async function requireUp({ client, project, name }: ProbeTarget): Promise<void> {
  const found = await client.getInstance(project, name);
  if (found === undefined) throw new FloeError("It is not there any more");
  const { status, status_code } = found.value;
  const state = statusOf(status_code);
  if (state === "running") return;
  // While it ends it has other words for it: aborting, stopping.
  throw new FloeError(
    state === "stopped" ? "It stopped by itself" : `It does not run any more (${status.toLowerCase()})`,
  );
}

function unhealthy(error: unknown, name: string, words: string): FloeError {
  const message = error instanceof Error ? error.message : String(error);
  return new FloeError(withLastWords(`"${name}" is not healthy: ${message}`, words), {
    cause: error,
    ...(error instanceof FloeError ? { hint: error.hint } : {}),
  });
}
