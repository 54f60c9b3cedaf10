/** The way back of a host, and what is said of it. */
import { CancelledError, ConnectionError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import { pause } from "../../util/pause.ts";
import { type ActivationEnd, revertActivation } from "../activation/activation.ts";
import { messageOf, type Outcome, reasonOf, step } from "../context.ts";
import type { HostsRun, HostTarget } from "./run.ts";

/** Takes an activation back and waits for the end of that, whatever the user's Ctrl-C says. Never throws. */
export async function goBack(run: HostsRun, target: HostTarget, id: string, error: unknown): Promise<Outcome> {
  const { machine, change } = target;
  run.confirmed.delete(change.address);
  const reason = error instanceof CancelledError ? "floe was stopped" : (messageOf(error).split("\n")[0] ?? "");
  try {
    const end = await step(run.context, change.address, "rollback", () => takeBack(machine, id, reason));
    return outcomeOfEnd(target, end, error);
  } catch (failure) {
    return {
      ...reasonOf(error),
      outcome: "failed",
      error: `${messageOf(error)}; and it could not be told to go back: ${messageOf(failure)}`,
      hint: byItself(target),
    };
  }
}

/** What an activation that did not go well leaves behind, with the reason why it did not. */
export function outcomeOfEnd(target: HostTarget, end: ActivationEnd | undefined, error: unknown): Outcome {
  const reason = reasonOf(error);
  switch (end?.state) {
    case "failed":
    case "rolled-back":
      return { outcome: "undone", ...reason };
    case "rollback-failed":
      return {
        ...reason,
        outcome: "failed",
        error: `${reason.error}; ${end.reason ?? "it could not go back"}`,
        hint: `On ${target.machine.where}, as root: ${end.commands.join(" && ")}`,
      };
    default:
      // The machine knows nothing of it: it was never begun.
      if (end?.lostBy === "unknown") return { ...reason, outcome: "skipped" };
      return { ...reason, outcome: "failed", hint: byItself(target) };
  }
}

// --- internal ---

/** A machine that cannot be reached goes back by itself, and can be reached again after that: then it says how it went. */
const patienceMs = 600_000;
const retryMs = 1000;

async function takeBack(machine: Machine, id: string, reason: string): Promise<ActivationEnd> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await revertActivation(machine, id, reason);
    } catch (error) {
      if (!(error instanceof ConnectionError) || performance.now() > deadline) throw error;
      await pause(retryMs);
    }
  }
}

function byItself({ machine }: HostTarget): string {
  return `If it runs, it goes back to what it ran before by itself; look when it answers again: floe history ${machine.name}`;
}
