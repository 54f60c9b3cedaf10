/** Health as it was answered, in stretches: the same answer again is no news. Pure. */
import type { InstanceDetails } from "../../src/serve/protocol.ts";

export interface HealthStretch {
  /** Empty: it was healthy. */
  readonly failures: readonly string[];
  /** The first and the last time it was answered so, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The newest first, as what it is made of. */
export function healthStretches(health: InstanceDetails["health"]): HealthStretch[] {
  const stretches: HealthStretch[] = [];
  for (const { at, failures } of health) {
    const last = stretches.at(-1);
    if (last !== undefined && last.failures.join("\n") === failures.join("\n"))
      stretches[stretches.length - 1] = { ...last, from: at, count: last.count + 1 };
    else stretches.push({ failures, from: at, to: at, count: 1 });
  }
  return stretches;
}
