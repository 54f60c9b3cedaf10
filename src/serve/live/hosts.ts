/** The hosts, looked at from time to time: read only, nobody is asked for a password, and one that does not answer holds up no other. */
import { FloeError } from "../../errors.ts";
import type { Fleet, Host } from "../../model/fleet.ts";
import type { HostPlan } from "../../model/host-plan.ts";
import { type ObservedHost, observeHosts, openHosts } from "../../pipeline.ts";
import { rebootReasons } from "../../plan/hosts/reboot.ts";
import { defined } from "../../util/defined.ts";
import { mapLimit } from "../../util/map-limit.ts";
import { isReachedFromHere } from "../here.ts";
import type { FleetHost } from "../protocol.ts";

/** A host that takes longer counts as not reachable. */
const answerMs = 15_000;
const atOnce = 8;

type Look = Pick<FleetHost, "state" | "error" | "generation" | "since" | "bootedAt" | "failedUnits" | "rebootReasons">;

export interface FollowedHosts {
  shown(fleet: Fleet): FleetHost[];
  /** Looks at these, or at all that can be reached from here. One that is under way is done once more. */
  look(fleet: Fleet, names?: readonly string[]): Promise<void>;
  notePlan(plan: HostPlan): void;
}

export function followHosts(onChange: () => void, signal: AbortSignal): FollowedHosts {
  const looks = new Map<string, Look>();
  const updates = new Map<string, boolean>();
  /** By name, whether it was asked for again meanwhile: what is seen may be from before a change. */
  const busy = new Map<string, boolean>();
  const lookAt = async (fleet: Fleet, host: Host): Promise<void> => {
    if (busy.has(host.name)) {
      busy.set(host.name, true);
      return;
    }
    try {
      do {
        busy.set(host.name, false);
        looks.set(host.name, await observe(fleet, host, signal));
        onChange();
      } while (busy.get(host.name) === true && !signal.aborted);
    } finally {
      busy.delete(host.name);
    }
  };
  return {
    shown: (fleet) =>
      Object.values(fleet.hosts).map((host) => ({
        name: host.name,
        system: host.system,
        target: host.target ?? null,
        tags: host.tags,
        ...(isReachedFromHere(host) ? (looks.get(host.name) ?? { state: "unasked" }) : { state: "elsewhere" }),
        ...defined({ isUpdateAvailable: updates.get(host.name) }),
      })),
    async look(fleet, names) {
      const all = Object.values(fleet.hosts);
      if (all.length === 0) return;
      const isChosen = (host: Host): boolean =>
        isReachedFromHere(host) && (names === undefined || names.includes(host.name));
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
  // A rollback makes a new generation of an old system: the profile's own is the one that runs, else the newest of that system.
  const running =
    boots?.system === current ? boots : (generations.findLast(({ system }) => system === current) ?? boots);
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
