/** A new instance; one that does not become healthy goes away again. */
import { FloeError } from "../errors.ts";
import type { IncusInstancePost } from "../incus/types.ts";
import { label, physicalNames } from "../plan/labels.ts";
import { statusOf } from "../plan/observed.ts";
import { park } from "../plan/parking.ts";
import { isToResume, isUp, unmark } from "../plan/recovery.ts";
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
import { readInstance, readObjects } from "./objects.ts";
import { discardInstance, renameInstance, startInstance, stopInstance } from "./power.ts";
import { writeSeed } from "./seed.ts";

export async function createInstance(
  context: ApplyContext,
  target: Target,
  body: Omit<IncusInstancePost, "name">,
): Promise<Outcome> {
  const { client, project, name, address } = target;
  if ((await client.getInstance(project, name)) !== undefined)
    throw new FloeError(`Instance "${name}" exists`, { hint: "Make a new plan" });
  const labels = {
    [label.fleet]: context.fleet,
    [label.instance]: name,
    [label.role]: "current",
    [label.apply]: context.journal.id,
  };
  try {
    throwIfCancelled(context);
    await step(context, address, "create", () =>
      client.createInstance(
        project,
        { ...body, name, config: { ...body.config, ...labels }, start: false },
        { target: target.member },
      ),
    );
    throwIfCancelled(context);
    await prove(context, target);
    return done;
  } catch (error) {
    return removeAgain(context, target, error);
  }
}

/**
 * An instance that was made and never proved, because floe was killed. It may have run since, so it is not deleted when it
 * fails now, but set aside.
 */
export async function proveInstance(context: ApplyContext, target: Target, autostart: boolean): Promise<Outcome> {
  const { current } = await readObjects(target, context.fleet);
  if (current === undefined)
    throw new FloeError(`There is no instance "${target.name}" any more`, { hint: "Make a new plan" });
  const wasUp = isUp(current);
  try {
    if (wasUp || autostart || isToResume(current)) await prove(context, target);
    else await step(context, target.address, "commit", () => commit(context, target));
    return done;
  } catch (error) {
    return setAside(context, target, error, wasUp);
  }
}

// --- internal ---

async function prove(context: ApplyContext, target: Target): Promise<void> {
  const { client, project, name, address } = target;
  // Here, and not where it is made: floe may have been killed in between.
  if (target.seed !== undefined && statusOf((await client.getInstanceState(project, name)).status_code) === "stopped")
    await step(context, address, "seed", () => writeSeed(target, name));
  await step(context, address, "start", () => startInstance(target, name));
  await step(context, address, "health", () => waitHealthy(target, target.health, context.signal));
  await step(context, address, "commit", () => commit(context, target));
}

async function commit({ journal }: ApplyContext, { client, project, name }: Target): Promise<void> {
  await editInstance(client, project, name, (body) => {
    const config = { ...body.config, [label.healthy]: "true", [label.role]: "current", [label.apply]: journal.id };
    return unmark({ ...body, config });
  });
}

/** Only what this very apply made. */
async function removeAgain(context: ApplyContext, target: Target, cause: unknown): Promise<Outcome> {
  const { client, project, name, address } = target;
  try {
    const found = await readInstance(client, project, name);
    // Somebody else's of the same name came first.
    if (found?.config[label.apply] !== context.journal.id) return { outcome: "undone", ...reasonOf(cause) };
    // The connection was lost right after the commit.
    if (found.config[label.healthy] === "true") return done;
    await step(context, address, "stop", () => stopInstance(target, name, context.emit, 10_000));
    await step(context, address, "delete", async () => {
      await discardInstance(target, name, name);
    });
    return { outcome: "undone", ...reasonOf(cause) };
  } catch (error) {
    return {
      outcome: "failed",
      error: `${messageOf(cause)}\nThe undo failed too: ${messageOf(error)}`,
      hint: `Run "floe apply" again, or delete it: incus delete --force ${name}${project === "default" ? "" : ` --project ${project}`}`,
    };
  }
}

/** It may serve after all, in spite of its checks: one that ran keeps running unless it has stopped by itself. */
async function setAside(context: ApplyContext, target: Target, cause: unknown, wasUp: boolean): Promise<Outcome> {
  const { client, project, name, address } = target;
  const names = physicalNames(name);
  const reason = reasonOf(cause);
  try {
    if (wasUp || reason.cancelled === true) return { outcome: "undone", ...reason };
    await step(context, address, "stop", () => stopInstance(target, name, context.emit, 10_000));
    await step(context, address, "discard", async () => {
      await discardInstance(target, names.failed, name);
    });
    await step(context, address, "set-aside", async () => {
      await editInstance(client, project, name, (body) => park(body, "failed"));
      await renameInstance(target, name, names.failed);
    });
    return { outcome: "undone", ...reason };
  } catch (error) {
    return {
      outcome: "failed",
      error: `${messageOf(cause)}\nThe undo failed too: ${messageOf(error)}`,
      hint: `Look at it: incus list ${name}`,
    };
  }
}
