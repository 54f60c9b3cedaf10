/** The health of what runs, asked while somebody looks, and what was answered before. */
import type { Fleet, Instance } from "../../model/fleet.ts";
import { askHealth } from "../../pipeline.ts";
import { instanceAddress } from "../../plan/labels.ts";

/** Answers that are kept of an instance. */
const kept = 100;

export interface HealthAnswer {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Empty: it is healthy. */
  readonly failures: readonly string[];
}

export interface FollowedHealth {
  /** The newest first. */
  of(address: string): readonly HealthAnswer[];
  ask(fleet: Fleet, running: readonly Instance[], signal: AbortSignal): Promise<void>;
}

/** `onChange`: an answer differs from the one before. */
export function followHealth(onChange: () => void): FollowedHealth {
  const answers = new Map<string, HealthAnswer[]>();
  return {
    of: (address) => answers.get(address) ?? [],
    async ask(fleet, running, signal) {
      const asked = running.filter(({ health }) => health.length > 0);
      if (asked.length === 0) return;
      const found = await askHealth(fleet, asked, { signal });
      let isNew = false;
      for (const instance of asked) {
        const address = instanceAddress(instance);
        const failures = found.get(address);
        if (failures === undefined) continue;
        const before = answers.get(address) ?? [];
        isNew ||= before[0]?.failures.join("\n") !== failures.join("\n");
        answers.set(address, [{ at: Date.now(), failures }, ...before].slice(0, kept));
      }
      if (isNew) onChange();
    },
  };
}
