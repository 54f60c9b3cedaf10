/** The way back: an instance whose next system was not proved runs and boots the one before it. */
import { FloeError } from "../../errors.ts";
import { type Generation, nextNumber, readGenerations, withoutNext } from "../../plan/generations.ts";
import { label } from "../../plan/labels.ts";
import type { ObservedInstance } from "../../plan/observed.ts";
import { isUp } from "../../plan/recovery.ts";
import { lastLine } from "../../util/last-line.ts";
import { type ApplyContext, messageOf, type Target } from "../context.ts";
import { editInstance } from "../edit.ts";
import { waitUp } from "../health.ts";
import { readInstance } from "../objects.ts";
import { startInstance, stopInstance } from "../power.ts";
import { awaitSwitch, setBoot, setBootOfStopped, startSwitch } from "./guest.ts";

/**
 * Takes a switch back that was not proved, however far it came. A container that runs is switched back inside; where that
 * fails it is restarted, for it boots what is set while it is stopped. @throws what the restart throws
 */
export async function switchBack(context: ApplyContext, target: Target): Promise<void> {
  const { client, project, name } = target;
  const found = await readInstance(client, project, name);
  if (found === undefined) throw new FloeError(`There is no instance "${name}" any more`);
  const before = lastGeneration(found);
  if (before !== undefined) {
    const kept = readGenerations(found.config).map(({ number }) => number);
    if (isUp(found)) await backInside(context, target, before, kept);
    else await setBootOfStopped(target, before, kept);
  }
  await editInstance(client, project, name, (body) => ({ ...body, config: withoutNext(body.config) }));
}

// --- internal ---

async function backInside(
  context: ApplyContext,
  target: Target,
  before: Generation,
  kept: readonly number[],
): Promise<void> {
  const { client, project, name } = target;
  try {
    await setBoot(target, before, [before.number, ...kept]);
    const id = `${context.journal.id}-back`;
    await startSwitch(target, { id, system: before.system });
    const { exitCode, system, log } = await awaitSwitch(target, id);
    if (exitCode !== 0 || system !== before.system) throw new FloeError(lastLine(log));
  } catch (error) {
    context.emit({
      type: "message",
      level: "warning",
      text: `"${name}" could not be switched back and is restarted: ${messageOf(error)}`,
    });
    await stopInstance(target, name, context.emit, 10_000);
    await setBootOfStopped(target, before, kept);
    await startInstance(target, name);
    await waitUp({ client, project, name });
  }
}

/** The one that the labels say it runs and boots. */
function lastGeneration({ config }: ObservedInstance): Generation | undefined {
  const system = config[label.system];
  if (system === undefined) return undefined;
  const known = readGenerations(config).find((generation) => generation.system === system);
  return known ?? { number: nextNumber(config), system };
}
