/** The hosts, looked at from time to time: read only, nobody is asked for a password, and one that does not answer holds up no other. */
import { FloeError } from "../../errors.ts";
import type { Fleet, Host } from "../../model/fleet.ts";
import type { HostPlan } from "../../model/host-plan.ts";
import { type ObservedHost, observeHosts, openHosts, thisHost } from "../../pipeline.ts";
import { rebootReasons } from "../../plan/hosts/reboot.ts";
import { defined } from "../../util/defined.ts";
import { mapLimit } from "../../util/map-limit.ts";
import type { FleetHost } from "../protocol.ts";

/** A host that takes longer counts as not reachable. */
const answerMs = 15_000;
const atOnce = 8;

type Look = Pick<FleetHost, "state" | "error" | "generation" | "since" | "bootedAt" | "failedUnits" | "rebootReasons">;

export interface FollowedHosts {
  shown(fleet: Fleet): FleetHost[];
  /** Looks at these, or at all that can be reached from here. A look that is under way is not repeated. */
  look(fleet: Fleet, names?: readonly string[]): Promise<void>;
  notePlan(plan: HostPlan): void;
}

export function followHosts(onChange: () => void, signal: AbortSignal): FollowedHosts {
  const looks = new Map<string, Look>();
  const updates = new Map<string, boolean>();
  const busy = new Set<string>();
  const lookAt = async (fleet: Fleet, host: Host): Promise<void> => {
    if (busy.has(host.name)) return;
    busy.add(host.name);
    try {
      looks.set(host.name, await observe(fleet, host, signal));
    } finally {
      busy.delete(host.name);
    }
    onChange();
  };
  return {
    shown: (fleet) =>
      Object.values(fleet.hosts).map(({ name, system, target, tags }) => ({
        name,
        system,
        target: target ?? null,
        tags,
        ...(looks.get(name) ?? { state: "unasked" }),
        ...defined({ isUpdateAvailable: updates.get(name) }),
      })),
    async look(fleet, names) {
      const all = Object.values(fleet.hosts);
      if (all.length === 0) return;
      const here = await thisHost();
      const isChosen = ({ name, target }: Host): boolean =>
        names === undefined ? target !== undefined || name === here : names.includes(name);
      await mapLimit(all.filter(isChosen), atOnce, (host) => lookAt(fleet, host));
    },
    notePlan({ changes }) {
      for (const { name, action } of changes) updates.set(name, action !== "none");
      onChange();
    },
  };
}

// --- internal ---

async function observe(fleet: Fleet, host: Host, signal: AbortSignal): Promise<Look> {
  const limit = AbortSignal.timeout(answerMs);
  const work = { emit: () => {}, signal: AbortSignal.any([signal, limit]) };
  try {
    const open = await openHosts(fleet, [host], undefined, work, { asRoot: false });
    try {
      const seen = (await observeHosts(open, work)).get(host.name);
      return seen === undefined || seen instanceof FloeError ? unreachable(seen) : reachable(seen);
    } finally {
      await open.close();
    }
  } catch (error) {
    if (limit.aborted) return { state: "unreachable", error: `It did not answer within ${answerMs / 1000} s` };
    return unreachable(error);
  }
}

function unreachable(error: unknown): Look {
  return { state: "unreachable", error: error instanceof Error ? error.message : "It was not reached" };
}

function reachable({ boots, failedUnits, generations, current, parts, upSeconds }: ObservedHost): Look {
  const running = generations.find(({ system }) => system === current) ?? boots;
  return {
    state: "reachable",
    ...defined({
      generation: running?.number,
      since: running?.at === undefined ? undefined : new Date(running.at).toISOString(),
      // Whole minutes: the moment is counted back from now, which is never quite the same.
      bootedAt:
        upSeconds === undefined
          ? undefined
          : new Date(Math.round(Date.now() / 60_000 - upSeconds / 60) * 60_000).toISOString(),
    }),
    failedUnits,
    rebootReasons: rebootReasons(parts.booted, parts.current),
  };
}
