/** Copies that go ahead of the switches: while some machines are switched, the next ones get their systems already. */
import { CancelledError } from "../../errors.ts";
import type { CopyOptions, Machine } from "../../machine/machine.ts";
import type { Emit } from "../../report/events.ts";
import { linkedTo } from "../../util/pause.ts";

export interface CopyJob {
  readonly address: string;
  readonly machine: Machine;
  readonly paths: readonly string[];
  readonly substitute: boolean;
}

export interface Copies {
  /** Begins it as soon as it is its turn, unless it has begun already. What fails is thrown by `of`, and nowhere else. */
  begin(job: CopyJob): void;
  /** Resolves when the machine has its system. @throws what the copy threw */
  of(address: string): Promise<void>;
  /** Begins no more; what is under way is ended. */
  stop(): void;
}

/** Copies to `limit` machines at once, first come first served. */
export function openCopies(limit: number, emit: Emit, signal: AbortSignal): Copies {
  const stopping = linkedTo(signal);
  const inTurn = openSlots(limit);
  const copies = new Map<string, Promise<void>>();
  return {
    begin(job) {
      if (copies.has(job.address)) return;
      const copy = inTurn(() => copyTo(job, emit, stopping.signal));
      // Whoever waits for it is told; nobody may be waiting yet.
      copy.catch(() => {});
      copies.set(job.address, copy);
    },
    of: (address) => copies.get(address) ?? Promise.resolve(),
    stop: stopping.abort,
  };
}

/** One copy as a step. Its progress is told at most every quarter of a second. */
export async function copyTo(
  { address, machine, paths, substitute }: CopyJob,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw new CancelledError("Stopped before it was copied");
  const step = { subject: address, step: "copy" } as const;
  const begin = performance.now();
  let told = begin;
  const onProgress: CopyOptions["onProgress"] = ({ done, total }) => {
    const now = performance.now();
    if (now - told < progressMs && done < total) return;
    told = now;
    emit({ type: "step.progress", ...step, done, total });
  };
  emit({ type: "step.start", ...step });
  try {
    await machine.copyClosures(paths, { signal, substitute, onProgress });
    emit({ type: "step.end", ...step, ok: true, ms: Math.round(performance.now() - begin) });
  } catch (error) {
    const ms = Math.round(performance.now() - begin);
    // What floe itself stopped, because nothing is going to be switched, is no failure.
    if (signal.aborted) emit({ type: "step.end", ...step, ok: true, ms });
    else
      emit({ type: "step.end", ...step, ok: false, ms, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

// --- internal ---

const progressMs = 250;

/** Runs what it is given, at most `limit` at once, first come first served. */
function openSlots(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = Math.max(1, limit);
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
