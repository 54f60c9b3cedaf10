/** What every part of an apply works with. */
import { CancelledError, FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { HealthCheck } from "../model/fleet.ts";
import type { SeedFiles } from "../plan/seed.ts";
import type { ChangeOutcome, Emit } from "../report/events.ts";
import type { Journal } from "../state/journal.ts";

export interface ApplyContext {
  /** Its name is on everything that is made. */
  readonly fleet: string;
  readonly journal: Journal;
  readonly emit: Emit;
  /** Ctrl-C. Looked at between steps; a step that has begun is not cut short, save waiting and uploads. */
  readonly signal: AbortSignal;
  /** What the instance of this address shares with others goes back to what it was, before the instance itself does. Never throws. */
  readonly undoFirst?: (address: string) => Promise<void>;
}

/** One instance of a server, by its logical name. */
export interface Target {
  readonly client: IncusClient;
  readonly address: string;
  readonly project: string;
  readonly name: string;
  /** Instances of the name to keep, the running one counted. */
  readonly keep: number;
  readonly health: readonly HealthCheck[];
  /** A member of the cluster, or `@group`, for a new instance. */
  readonly member?: string;
  /** Written into a new root file system; see `seed.ts`. */
  readonly seed?: SeedFiles;
  /** Units of systemd that had failed before the change: they are not held against it. */
  readonly failedBefore?: readonly string[];
}

/** How a change ended, and why it did not go as planned. */
export interface Outcome {
  readonly outcome: ChangeOutcome;
  readonly error?: string;
  readonly hint?: string;
  /** Undone or not begun because the user stopped floe. */
  readonly cancelled?: boolean;
}

export const done: Outcome = { outcome: "done" };

/** One action on the world: written to the journal before and after, and told as events. */
export async function step<T>(
  context: ApplyContext,
  subject: string,
  name: string,
  action: () => Promise<T>,
  detail?: string,
): Promise<T> {
  const { journal, emit } = context;
  journal.intent(subject, name, detail);
  emit({ type: "step.start", subject, step: name, ...(detail === undefined ? {} : { detail }) });
  const begin = performance.now();
  const ms = (): number => Math.round(performance.now() - begin);
  try {
    const result = await action();
    journal.done(subject, name);
    emit({ type: "step.end", subject, step: name, ok: true, ms: ms() });
    return result;
  } catch (error) {
    const text = messageOf(error);
    journal.failed(subject, name, text);
    emit({ type: "step.end", subject, step: name, ok: false, ms: ms(), error: text });
    throw error;
  }
}

/** @throws CancelledError when the user has stopped floe */
export function throwIfCancelled({ signal }: ApplyContext): void {
  if (signal.aborted) throw new CancelledError("Cancelled");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error as the reason of an outcome. */
export function reasonOf(error: unknown): Omit<Outcome, "outcome"> {
  const hint = error instanceof FloeError ? error.hint : undefined;
  return {
    error: messageOf(error),
    ...(hint === undefined ? {} : { hint }),
    ...(error instanceof CancelledError ? { cancelled: true } : {}),
  };
}
