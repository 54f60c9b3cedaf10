/** What an earlier floe began on machines and did not see the end of: it was killed, or lost its machine. */
import { FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Emit } from "../../report/events.ts";
import type { JournalSummary } from "../../state/journal.ts";
import { type Activation, isUnderWay, readActivationOf, revertActivation } from "../activation/activation.ts";
import { activationId } from "./activation-id.ts";

export interface UnfinishedOptions {
  /** Applies of this project that have no end; the lock of the project is held, so nobody carries them out any more. */
  readonly unfinished: readonly JournalSummary[];
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Says what became of them. One that still waits to be confirmed is taken back at once: it would go back a little later by itself.
 * @throws ConnectionError, CancelledError
 */
export async function settleUnfinished(
  machine: Machine,
  { unfinished, emit, signal }: UnfinishedOptions,
): Promise<void> {
  for (const { id, verb, openSteps } of unfinished) {
    if (!openSteps.some(({ subject }) => subject === `host:${machine.name}`)) continue;
    const activation = await readActivationOf(machine, activationId(id, machine.name), { signal });
    if (activation === undefined) continue;
    const isOpen = activation.state === "waiting" || isUnderWay(activation);
    const end = isOpen ? await takeBack(machine, activation, signal) : activation;
    emit({ type: "message", level: "warning", text: wordsFor(machine, verb, end) });
  }
}

// --- internal ---

async function takeBack(machine: Machine, activation: Activation, signal: AbortSignal): Promise<Activation> {
  try {
    return await revertActivation(machine, activation.id, "the floe that began it is gone", { signal });
  } catch (error) {
    // Whoever has the machine now says so when it is to be changed.
    if (error instanceof FloeError && error.code === "LOCKED") return activation;
    throw error;
  }
}

function wordsFor({ name }: Machine, verb: string, { state, reason, running, system }: Activation): string {
  const begin = `The last ${verb} of "${name}" was not seen to its end`;
  switch (state) {
    case "confirmed":
      return `${begin}: it was confirmed`;
    case "rolled-back":
    case "failed":
      return `${begin}: the machine went back to what it ran before${reason === undefined ? "" : ` (${reason})`}`;
    case "rollback-failed":
      return `${begin}: the machine could not go back: ${reason ?? "it gives no reason"}`;
    default:
      return `${begin}: it runs ${running === system ? "the system of that switch, unconfirmed" : (running ?? "no NixOS")}`;
  }
}
