/** Carries out recovery: undoing, finishing and repairing are the same steps, chosen anew from the world after each one. */
import { FloeError } from "../errors.ts";
import { label, physicalNames } from "../plan/labels.ts";
import { park, readParked, unpark } from "../plan/parking.ts";
import {
  type InstanceObjects,
  isProved,
  isUp,
  nextRecoveryStep,
  type RecoveryStep,
  recoverySteps,
  revertPending,
  unmark,
} from "../plan/recovery.ts";
import { recoveryCommands } from "../plan/recovery-commands.ts";
import { type ApplyContext, messageOf, type Outcome, reasonOf, step, type Target } from "./context.ts";
import { editInstance } from "./edit.ts";
import { waitUp } from "./health.ts";
import { switchBack } from "./in-place/back.ts";
import { readObjects } from "./objects.ts";
import { despiteOutage } from "./outage.ts";
import { discardInstance, renameInstance, startInstance, stopInstance } from "./power.ts";
import { restoreRoot } from "./root.ts";

/** A successor that did not prove itself gets no more than this to stop cleanly: the predecessor waits. */
const successorStopMs = 10_000;
/** No world needs more steps than this. */
const mostSteps = 30;

/** Brings the instance back to a whole state; answers what is there then. @throws when a step fails */
export async function recoverInstance(context: ApplyContext, target: Target): Promise<InstanceObjects> {
  for (let count = 0; count < mostSteps; count++) {
    const objects = await readObjects(target, context.fleet);
    const next = nextRecoveryStep(objects, target);
    if (next === undefined) return objects;
    await step(context, target.address, next.kind, () => perform(context, target, next), detailOf(target, next));
  }
  throw new FloeError(
    `The instance "${target.name}" does not come to rest: another program changes it at the same time`,
    { hint: `Look at it: incus list ${target.name}` },
  );
}

/** What is expected of an undo. */
export interface Expectation {
  /** It was running before. */
  readonly isRunning: boolean;
  /** Its successor carries this apply's id. */
  readonly applyId: string;
}

/**
 * Undoes a change that failed for `cause`. The outcome says whether what ran before runs again; where the undo fails too,
 * it has the commands that recover.
 */
export async function undo(
  context: ApplyContext,
  target: Target,
  cause: unknown,
  expected: Expectation,
): Promise<Outcome> {
  try {
    await context.undoFirst?.(target.address);
    const { current } = await despiteOutage(context, target, cause, () => recoverInstance(context, target));
    if (current === undefined) throw new FloeError(`There is no instance "${target.name}" any more`);
    // The connection was lost right after the commit: it was not undone, but finished.
    if (isProved(current) && current.config[label.apply] === expected.applyId) return { outcome: "done" };
    if (expected.isRunning && !isUp(current)) throw new FloeError(`The predecessor of "${target.name}" does not run`);
    return { outcome: "undone", ...reasonOf(cause) };
  } catch (error) {
    if (await isBack(context, target, expected)) {
      context.emit({
        type: "message",
        level: "warning",
        text: `"${target.name}" is back, but something could not be tidied up: ${messageOf(error)}. The next apply does it`,
      });
      return { outcome: "undone", ...reasonOf(cause) };
    }
    return {
      outcome: "failed",
      error: `${messageOf(cause)}\nThe undo failed too: ${messageOf(error)}`,
      hint: await recoveryHint(context, target),
    };
  }
}

/** The predecessor has its name and runs if it ran: what else may be left does no harm. */
async function isBack({ fleet }: ApplyContext, target: Target, { isRunning }: Expectation): Promise<boolean> {
  const objects = await readObjects(target, fleet).catch((): InstanceObjects => ({}));
  const { current, outgoing } = objects;
  return (
    current !== undefined &&
    outgoing === undefined &&
    readParked(current.config) === undefined &&
    (isUp(current) || !isRunning)
  );
}

/** The commands that bring the instance back by hand. Never throws. */
export async function recoveryHint({ fleet }: ApplyContext, target: Target): Promise<string> {
  const again = 'Run "floe apply" again: it begins by finishing this';
  try {
    const objects = await readObjects(target, fleet);
    const { server } = target.client;
    const remote = server.kind === "https" ? { remote: server.name } : {};
    const commands = recoveryCommands(objects, recoverySteps(objects, target), {
      name: target.name,
      project: target.project,
      ...remote,
    });
    return commands.length === 0
      ? again
      : `${again}. Or by hand:\n${commands.map((command) => `  ${command}`).join("\n")}`;
  } catch {
    return `${again}. Or by hand: incus list ${target.name} --all-projects, then rename "${physicalNames(target.name).outgoing}" to "${target.name}" and start it`;
  }
}

// --- internal ---

function detailOf({ name }: Target, next: RecoveryStep): string {
  const names = physicalNames(name);
  return "to" in next ? `${names[next.place]} → ${names[next.to]}` : names[next.place];
}

async function perform(context: ApplyContext, target: Target, next: RecoveryStep): Promise<void> {
  const { emit } = context;
  const { client, project, name } = target;
  const names = physicalNames(name);
  const subject = names[next.place];
  switch (next.kind) {
    case "stop":
      return stopInstance(target, subject, emit, successorStopMs);
    case "start":
      await startInstance(target, subject);
      return waitUp({ client, project, name: subject });
    case "unmark":
      return editInstance(client, project, subject, unmark);
    case "rebuild":
      return restoreRoot(context, target);
    case "switch-back":
      return switchBack(context, target);
    case "revert":
      return editInstance(client, project, subject, revertPending);
    case "park":
      return editInstance(client, project, subject, (body) => park(body, next.role));
    case "unpark":
      return editInstance(client, project, subject, (body) => unpark(body, "current"));
    case "discard": {
      const kept = await discardInstance(target, subject, name);
      if (kept !== undefined)
        emit({
          type: "message",
          level: "warning",
          text: `"${subject}" has snapshots or is protected: it is kept as "${kept}"`,
        });
      return;
    }
    case "retire":
      await editInstance(client, project, subject, (body) => unmark(park(body, "previous")));
      return renameInstance(target, subject, names[next.to]);
    case "set-aside":
    case "put-back":
      return renameInstance(target, subject, names[next.to]);
  }
}
