/** Config, devices and labels of an instance that stays what it is; what replaced them comes back when it is not healthy. */
import { FloeError } from "../errors.ts";
import type { StringMap } from "../incus/types.ts";
import type { Body } from "../plan/applied.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { label } from "../plan/labels.ts";
import type { ObservedInstance } from "../plan/observed.ts";
import { isUp, revertPending, unmark } from "../plan/recovery.ts";
import { incusCommand, revertCommands } from "../plan/recovery-commands.ts";
import { changedBody, committedBody, imageLabels } from "./bodies.ts";
import {
  type ApplyContext,
  done,
  messageOf,
  type Outcome,
  reasonOf,
  step,
  type Target,
  throwIfCancelled,
} from "./context.ts";
import { editInstance } from "./edit.ts";
import { waitHealthy } from "./health.ts";
import { readInstance } from "./objects.ts";
import { despiteOutage } from "./outage.ts";
import { startInstance, stopInstance } from "./power.ts";
import { recoverInstance } from "./recover.ts";

/** `live`: the change counts at once. `restart`: only after a restart. `start`: it is stopped and is to run. */
export type UpdateMethod = "live" | "restart" | "start";

export async function updateInstance(
  context: ApplyContext,
  target: Target,
  desired: DesiredInstance,
  method: UpdateMethod,
): Promise<Outcome> {
  const { client, project, name } = target;
  const before = await readInstance(client, project, name);
  if (before === undefined) throw new FloeError(`There is no instance "${name}" any more`, { hint: "Make a new plan" });
  const wasUp = isUp(before);
  try {
    await change(context, target, desired, method, wasUp);
    return done;
  } catch (error) {
    return takeBack(context, target, error, { wasUp, wasRestarted: method === "restart" });
  }
}

/** Nothing changes but what floe writes down. */
export async function relabelInstance(
  context: ApplyContext,
  target: Target,
  desired: DesiredInstance,
): Promise<Outcome> {
  const { client, project, name } = target;
  await step(context, target.address, "relabel", () =>
    editInstance(client, project, name, (body) => {
      const labelled = committedBody(body, desired, context.journal.id);
      return { ...labelled, config: { ...labelled.config, ...imageLabels(desired) } };
    }),
  );
  return done;
}

// --- internal ---

async function change(
  context: ApplyContext,
  target: Target,
  desired: DesiredInstance,
  method: UpdateMethod,
  wasUp: boolean,
): Promise<void> {
  const { client, project, name, address } = target;
  const restart = method === "restart";
  throwIfCancelled(context);
  await step(context, address, "update", () =>
    editInstance(client, project, name, (body) => changedBody(body, desired, { restart, resume: restart && wasUp })),
  );
  throwIfCancelled(context);
  if (restart && wasUp) await step(context, address, "stop", () => stopInstance(target, name, context.emit));
  if (restart || method === "start") await step(context, address, "start", () => startInstance(target, name));
  if (wasUp || method === "start")
    await step(context, address, "health", () => waitHealthy(target, target.health, context.signal));
  await step(context, address, "commit", () =>
    editInstance(client, project, name, (body) => committedBody(body, desired, context.journal.id)),
  );
}

export interface Earlier {
  readonly wasUp: boolean;
  readonly wasRestarted: boolean;
  /** What has to be done before the old values come back. */
  readonly first?: (now: ObservedInstance) => Promise<void>;
}

/** The old values come back; what ran runs again. */
export async function takeBack(
  context: ApplyContext,
  target: Target,
  cause: unknown,
  earlier: Earlier,
): Promise<Outcome> {
  try {
    const end = await despiteOutage(context, target, cause, () => putBack(context, target, earlier));
    return end === "committed" ? done : { outcome: "undone", ...reasonOf(cause) };
  } catch (error) {
    return {
      outcome: "failed",
      error: `${messageOf(cause)}\nThe undo failed too: ${messageOf(error)}`,
      hint: await takeBackHint(target, earlier.wasUp),
    };
  }
}

/** `committed`: the connection was lost right after the commit, and there is nothing to take back. */
async function putBack(
  context: ApplyContext,
  target: Target,
  { wasUp, wasRestarted, first }: Earlier,
): Promise<"back" | "committed"> {
  const { client, project, name, address } = target;
  const now = await readInstance(client, project, name);
  if (now === undefined) throw new FloeError(`There is no instance "${name}" any more`);
  if (isCommitted(now.config, context.journal.id)) return "committed";
  await context.undoFirst?.(address);
  await first?.(now);
  if (isUp(now) && (!wasUp || wasRestarted))
    await step(context, address, "stop", () => stopInstance(target, name, context.emit, 10_000));
  await step(context, address, "revert", () => editInstance(client, project, name, (body) => takenBack(body, wasUp)));
  const { current } = await recoverInstance(context, target);
  if (wasUp && (current === undefined || !isUp(current))) throw new FloeError(`"${name}" does not run any more`);
  return "back";
}

function isCommitted(config: StringMap, applyId: string): boolean {
  return config[label.apply] === applyId && config[label.pending] === undefined && config[label.healthy] === "true";
}

/** Marked, so that it is started even if floe ends here. */
function takenBack<T extends Body>(body: T, wasUp: boolean): T {
  const old = unmark(revertPending(body));
  return wasUp ? { ...old, config: { ...old.config, [label.resume]: "true" } } : old;
}

/** The old values, as commands. Never throws. */
async function takeBackHint({ client, project, name }: Target, wasUp: boolean): Promise<string> {
  const now = await readInstance(client, project, name).catch(() => undefined);
  const incus = incusCommand(project);
  const commands = [...revertCommands(now, incus, name), ...(wasUp ? [`${incus} start ${name}`] : [])];
  return ['Run "floe apply" again. Or by hand:', ...commands.map((command) => `  ${command}`)].join("\n");
}
