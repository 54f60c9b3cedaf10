/** The health of what runs, asked while somebody looks, and what was answered before. */
import { listFleet, type ServerAnswer } from "../../list/list-fleet.ts";
import { type Fleet, type Instance, instancesOf } from "../../model/fleet.ts";
import { askHealth } from "../../pipeline.ts";
import { decodeHealth } from "../../plan/applied.ts";
import { instanceAddress } from "../../plan/labels.ts";

/** Answers that are kept of an instance. */
const kept = 100;

export interface HealthAnswer {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Empty: it is healthy. */
  readonly failures: readonly string[];
}

type Answers = Readonly<Record<string, ServerAnswer>>;

export interface FollowedHealth {
  /** The newest first. */
  of(address: string): readonly HealthAnswer[];
  /** Asks what runs, as the servers say. */
  ask(fleet: Fleet, answers: Answers, signal: AbortSignal): Promise<void>;
}

/** `onChange`: an answer differs from the one before. */
export function followHealth(onChange: () => void): FollowedHealth {
  const answers = new Map<string, HealthAnswer[]>();
  return {
    of: (address) => answers.get(address) ?? [],
    async ask(fleet, servers, signal) {
      const asked = runningOf(fleet, servers)
        .map((instance) => heldTo(instance, servers))
        .filter(({ health }) => health.length > 0);
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

// --- internal ---

function runningOf(fleet: Fleet, servers: Answers): Instance[] {
  const { instances } = listFleet(fleet, servers, undefined);
  const running = new Set(instances.filter(({ state }) => state === "running").map(instanceAddress));
  return instancesOf(fleet).filter((instance) => running.has(instanceAddress(instance)));
}

/** With the checks that it was applied with: those that are described since are for what comes next. */
function heldTo(instance: Instance, servers: Answers): Instance {
  const answer = servers[instance.server];
  const real = answer?.ok
    ? answer.instances.find(({ project, name }) => project === instance.project && name === instance.name)
    : undefined;
  return { ...instance, health: decodeHealth(real?.config ?? {}) ?? instance.health };
}
