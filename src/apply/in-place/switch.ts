/**
 * The switch of a running container to another system:
 *
 *     copy → mark → switch → confirm → health → boot → commit → retain
 *     copy → mark → stop → boot → start → health → commit → retain        (what needs a restart changes with it)
 *
 * If nothing is heard of floe between `switch` and `boot`, the container goes back by itself after a while.
 *
 * `mark` writes the label `system-next`, `commit` takes it away. In between the way back is to `system`, and until `boot` a
 * container that restarts comes up with it by itself. Everything that it may boot is on the server's machine, and has a GC
 * root there, before `mark`.
 */
import { FloeError } from "../../errors.ts";
import type { HealthCheck } from "../../model/fleet.ts";
import type { Body } from "../../plan/applied.ts";
import { commit, type Generation, nextNumber, withCommitted, withNext } from "../../plan/generations.ts";
import { label } from "../../plan/labels.ts";
import type { ObservedInstance } from "../../plan/observed.ts";
import { isUp } from "../../plan/recovery.ts";
import { type ApplyContext, done, type Outcome, step, type Target, throwIfCancelled } from "../context.ts";
import { editInstance } from "../edit.ts";
import { waitHealthy } from "../health.ts";
import { readObjects } from "../objects.ts";
import { startInstance, stopInstance } from "../power.ts";
import { awaitSwitch, setBoot, setBootOfStopped, startSwitch } from "./guest.ts";
import { deliverSystem, retainSystems, type Systems } from "./systems.ts";
import { undoSwitch } from "./undo.ts";

export interface SwitchTo {
  /** Store path. */
  readonly system: string;
  /** Start the instance if it is stopped. */
  readonly start: boolean;
  /** What changes with it counts only after a restart. */
  readonly restart: boolean;
  /** What is written before: `wasUp` is whether it runs. */
  readonly marked: (body: Body, wasUp: boolean) => Body;
  /** What else is true of the instance once the system is proved. */
  readonly committed: (body: Body) => Body;
}

/** Never throws for what happens to the instance: that is in the outcome. @throws when the system cannot be delivered */
export async function switchSystem(
  context: ApplyContext,
  target: Target,
  systems: Systems,
  to: SwitchTo,
): Promise<Outcome> {
  const { current } = await readObjects(target, context.fleet);
  if (current === undefined)
    throw new FloeError(`There is no instance "${target.name}" to switch`, { hint: "Make a new plan" });
  await deliverSystem(context, target, systems, to.system);
  throwIfCancelled(context);
  const next: Generation = {
    number: nextNumber(current.config),
    system: to.system,
    at: new Date().toISOString(),
    health: target.health,
  };
  let booted: readonly string[];
  try {
    booted = await switchTo(context, target, current, next, to);
  } catch (error) {
    return undoSwitch(context, target, error, { wasUp: isUp(current), restart: to.restart });
  }
  await retainSystems(context, target, systems, booted);
  return done;
}

// --- internal ---

/** Answers what the container booted, which its first process still needs. */
async function switchTo(
  context: ApplyContext,
  target: Target,
  current: ObservedInstance,
  next: Generation,
  { start, restart, marked, committed }: SwitchTo,
): Promise<readonly string[]> {
  const { client, project, name, address, keep } = target;
  const act = <T>(word: string, action: () => Promise<T>, detail?: string): Promise<T> =>
    step(context, address, word, action, detail);
  const wasUp = isUp(current);
  const mark = (body: Body): Body => {
    const { config, ...rest } = marked(body, wasUp);
    return { ...rest, config: withNext(config, next.system) };
  };
  const isHealthy = (): Promise<void> => waitHealthy({ client, project, name }, target.health, context.signal);
  const kept = commit(current.config, next, keep).map(({ number }) => number);
  let booted: readonly string[] = [];

  await act("mark", () => editInstance(client, project, name, mark));
  throwIfCancelled(context);
  if (wasUp && !restart) {
    const { id } = context.journal;
    const before = current.config[label.system];
    const unconfirmed = before === undefined ? {} : { unconfirmed: { before, seconds: secondsFor(target.health) } };
    await act("switch", () => startSwitch(target, { id, system: next.system, ...unconfirmed }), next.system);
    booted = await act("confirm", () => confirmSwitch(target, next.system, id));
    await act("health", isHealthy);
    await act("boot", () => setBoot(target, next, kept, id));
  } else {
    if (wasUp) await act("stop", () => stopInstance(target, name, context.emit));
    await act("boot", () => setBootOfStopped(target, next, kept));
    if (start || wasUp) {
      await act("start", () => startInstance(target, name));
      await act("health", isHealthy);
    }
  }
  await act("commit", () =>
    editInstance(client, project, name, (body) => {
      const { config, ...rest } = committed(body);
      const labels = {
        ...withCommitted(config, next, keep),
        [label.apply]: context.journal.id,
        [label.healthy]: "true",
      };
      return { ...rest, config: labels };
    }),
  );
  return booted;
}

/** In which a switch that is well is confirmed: the time of its checks, and of a server that is busy. */
function secondsFor(health: readonly HealthCheck[]): number {
  return Math.ceil(Math.max(0, ...health.map(({ withinMs }) => withinMs)) / 1000) + patienceSeconds;
}

const patienceSeconds = 60;

async function confirmSwitch(target: Target, wanted: string, id: string): Promise<readonly string[]> {
  const { exitCode, system, booted, log } = await awaitSwitch(target, id);
  if (exitCode === 0 && system === wanted) return booted === "" ? [] : [booted];
  const how =
    exitCode === undefined
      ? "ended without a result"
      : exitCode === 0
        ? `ended well, but "${system}" runs`
        : `ended with code ${exitCode}`;
  throw new FloeError(`The switch of "${target.name}" ${how}${log === "" ? "" : `:\n${log.replace(/^/gm, "  ")}`}`);
}
