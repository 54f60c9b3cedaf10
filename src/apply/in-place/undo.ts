/** Taking back a switch that failed, within the apply that began it. */
import { FloeError } from "../../errors.ts";
import type { Body } from "../../plan/applied.ts";
import { label } from "../../plan/labels.ts";
import { isUp, revertPending, unmark } from "../../plan/recovery.ts";
import { pause } from "../../util/pause.ts";
import { type ApplyContext, done, messageOf, type Outcome, reasonOf, step, type Target } from "../context.ts";
import { editInstance } from "../edit.ts";
import { readInstance } from "../objects.ts";
import { stopInstance, whenFree } from "../power.ts";
import { recoverInstance, recoveryHint } from "../recover.ts";

/** What was marked is taken back, unless the commit was the last thing that came through. */
export async function undoSwitch(
  context: ApplyContext,
  target: Target,
  cause: unknown,
  { wasUp, restart }: { readonly wasUp: boolean; readonly restart: boolean },
): Promise<Outcome> {
  const { client, project, name, address } = target;
  try {
    const now = await whenAnswering(() => readInstance(client, project, name));
    if (now === undefined) throw new FloeError(`There is no instance "${name}" any more`);
    if (now.config[label.apply] === context.journal.id && now.config[label.systemNext] === undefined) return done;
    await context.undoFirst?.(address);
    const isToStop = isUp(now) && (restart || !wasUp);
    if (isToStop) await step(context, address, "stop", () => stopInstance(target, name, context.emit, 10_000));
    await step(context, address, "revert", () => takeBack(target, wasUp));
    const { current } = await recoverInstance(context, target);
    if (wasUp && (current === undefined || !isUp(current))) throw new FloeError(`"${name}" does not run any more`);
    return { outcome: "undone", ...reasonOf(cause) };
  } catch (error) {
    return {
      outcome: "failed",
      error: `${messageOf(cause)}\nThe undo failed too: ${messageOf(error)}`,
      hint: await recoveryHint(context, target),
    };
  }
}

// --- internal ---

/** A server that is restarted answers again in a moment: that is worth more than an undo that fails at once. */
async function whenAnswering<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + restartMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(250);
    }
  }
}

const restartMs = 20_000;

/** What was written with the mark. One that ran is started by recovery if it ended meanwhile, with the system it boots. */
async function takeBack({ client, project, name }: Target, resume: boolean): Promise<void> {
  const change = (body: Body): Body => {
    const old = unmark(revertPending(body));
    return resume ? { ...old, config: { ...old.config, [label.resume]: "true" } } : old;
  };
  // Incus is busy for a moment with one that ended by itself.
  await whenFree(() => editInstance(client, project, name, change));
}
