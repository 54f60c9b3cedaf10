/** Whether a host works after a switch: its checks pass, and no unit fails that did not before. */
import { CancelledError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { HealthCheck } from "../../model/fleet.ts";
import { linkedTo, pause } from "../../util/pause.ts";
import { waitFor } from "../health.ts";
import type { ProbeTarget } from "../probes.ts";
import { readSystem } from "../units.ts";
import { unitFailure } from "./failed-units.ts";

export interface HostToCheck {
  readonly machine: Machine;
  readonly checks: readonly HealthCheck[];
  /** Units that had failed before anything was done. */
  readonly failedBefore: readonly string[];
  /** When its system came to run, as `performance.now()` counts; absent: now. */
  readonly since?: number;
}

/**
 * Resolves when every check has passed and nothing failed anew.
 * @throws FloeError with what is wrong, CancelledError when the signal aborts
 */
export async function waitHostHealthy(host: HostToCheck, signal: AbortSignal): Promise<void> {
  const limit = linkedTo(signal);
  try {
    const target = probeTargetOf(host);
    await Promise.all([...host.checks.map((check) => waitFor(target, check, limit.signal)), settled(host, signal)]);
    if (signal.aborted) throw new CancelledError("Cancelled while waiting for health");
    await requireUnits(host, signal);
  } catch (error) {
    if (signal.aborted) throw new CancelledError("Cancelled while waiting for health");
    throw error;
  } finally {
    limit.abort();
  }
}

// --- internal ---

/** What cannot live shows it soon: a unit is looked at only after this long. */
const settleMs = 1500;

function settled({ since = performance.now() }: HostToCheck, signal: AbortSignal): Promise<void> {
  return pause(Math.max(0, since + settleMs - performance.now()), signal);
}

/** A host is asked as an instance is, only that what runs on it runs through the machine. */
function probeTargetOf({ machine, failedBefore }: HostToCheck): ProbeTarget {
  return {
    client: {
      exec: (_project, _name, command, options = {}) =>
        machine.run(command as [string, ...string[]], { root: true, signal: options.signal }),
      getInstance: async () => undefined,
    },
    project: "",
    name: machine.name,
    failedBefore,
  };
}

async function requireUnits(host: HostToCheck, signal: AbortSignal): Promise<void> {
  const system = await readSystem(probeTargetOf(host), signal);
  const fresh = (system?.failed ?? []).filter((unit) => !host.failedBefore.includes(unit));
  if (fresh.length > 0) throw await unitFailure(host.machine, fresh);
}
