/**
 * The swap: a successor is made beside the running instance, takes its place, and is proved healthy; the predecessor is
 * kept. Until the successor is proved (`commit`), whatever goes wrong brings the predecessor back.
 *
 *     create → mark → stop → park → set-aside → hand-over → take-over → (seed, carry) → start → health → commit → (discard) → retire
 *
 * A warm swap has the successor prove itself after `create`: carry → isolate → trial-start → trial-health → trial-stop.
 * Each step leaves a world from which `recovery.ts` finds the way back, or, after the commit, to the end.
 */
import { FloeError } from "../errors.ts";
import type { IncusInstancePost } from "../incus/types.ts";
import { label, physicalNames } from "../plan/labels.ts";
import { park, unpark } from "../plan/parking.ts";
import { inheritedAddresses, isUp, unmark } from "../plan/recovery.ts";
import { type ApplyContext, done, messageOf, type Outcome, step, type Target, throwIfCancelled } from "./context.ts";
import { editInstance } from "./edit.ts";
import { waitHealthy } from "./health.ts";
import { giveKeepsakes, type Keepsake, readKeepsakes } from "./keepsakes.ts";
import { readInstance, readObjects } from "./objects.ts";
import { renameInstance, startInstance, stopInstance } from "./power.ts";
import { recoverInstance, undo } from "./recover.ts";
import { writeSeed } from "./seed.ts";
import { tryBeside } from "./trial.ts";

/** Who takes over: an instance that is made now, or the kept predecessor of an earlier swap. */
export type Successor =
  | { readonly kind: "new"; readonly body: Omit<IncusInstancePost, "name"> }
  | { readonly kind: "previous" };

export interface SwapOptions {
  /** Start the successor even if its predecessor is stopped. */
  readonly start: boolean;
  /** The successor proves itself while its predecessor runs. */
  readonly warm?: boolean;
}

/** Never throws for what happens to the instance: that is in the outcome. */
export async function swapInstance(
  context: ApplyContext,
  target: Target,
  successor: Successor,
  { start, warm = false }: SwapOptions,
): Promise<Outcome> {
  const { current } = await readObjects(target, context.fleet);
  if (current === undefined)
    throw new FloeError(`There is no instance "${target.name}" to swap`, { hint: "Make a new plan" });
  const isRunning = isUp(current);
  try {
    await replace(context, target, successor, { isRunning, start: start || isRunning, warm });
  } catch (error) {
    return undo(context, target, error, { isRunning, applyId: context.journal.id });
  }
  return finish(context, target);
}

// --- internal ---

interface Power {
  /** The predecessor runs. */
  readonly isRunning: boolean;
  /** The successor is to run. */
  readonly start: boolean;
  readonly warm: boolean;
}

async function replace(
  context: ApplyContext,
  target: Target,
  successor: Successor,
  { isRunning, start, warm }: Power,
): Promise<void> {
  const { address, client, project, name } = target;
  const names = physicalNames(name);
  const heir = successor.kind === "new" ? names.next : names.previous;
  const act = (word: string, action: () => Promise<void>, detail?: string) =>
    step(context, address, word, action, detail);

  let keepsakes: readonly Keepsake[] = [];
  let isWritten = successor.kind === "previous";
  const writeFiles = async (place: string): Promise<void> => {
    if (isWritten) return;
    if (target.seed !== undefined) await act("seed", () => writeSeed(target, place));
    if (keepsakes.length > 0) await act("carry", () => giveKeepsakes(target, place, keepsakes));
    isWritten = true;
  };
  throwIfCancelled(context);
  if (successor.kind === "new") {
    await act("create", () => createSuccessor(context, target, successor.body), heir);
    // As long as it runs: after that its files are the root disk's only.
    keepsakes = await readKeepsakes(context, target, name);
    throwIfCancelled(context);
    if (warm && isRunning) {
      await writeFiles(heir);
      await tryBeside(context, target);
    }
  } else await act("prepare", () => prepareKept(context, target), heir);

  throwIfCancelled(context);
  if (isRunning) {
    await act("mark", () =>
      editInstance(client, project, name, (body) => ({ ...body, config: { ...body.config, [label.resume]: "true" } })),
    );
    throwIfCancelled(context);
    await act("stop", () => stopInstance(target, name, context.emit));
    throwIfCancelled(context);
  }
  await act("park", () => editInstance(client, project, name, (body) => park(body, "outgoing")));
  await act("set-aside", () => renameInstance(target, name, names.outgoing), `${name} → ${names.outgoing}`);
  throwIfCancelled(context);
  await act("hand-over", () => handOver(target, heir));
  await act("take-over", () => renameInstance(target, heir, name), `${heir} → ${name}`);
  // Not earlier: Incus takes some 14 s to start an instance that was renamed right after its files were written.
  await writeFiles(name);
  throwIfCancelled(context);
  if (start) {
    await act("start", () => startInstance(target, name));
    await act("health", () => waitHealthy(target, target.health, context.signal));
  }
  await act("commit", () => commit(target));
}

/** Parked from the start: it must not come up with the machine, or have an address, beside its predecessor. */
async function createSuccessor(
  { fleet, journal }: ApplyContext,
  target: Target,
  body: Omit<IncusInstancePost, "name">,
): Promise<void> {
  const { client, project, name, member } = target;
  const { next } = physicalNames(name);
  const labelled = { ...body.config, [label.fleet]: fleet, [label.instance]: name, [label.apply]: journal.id };
  await client.createInstance(
    project,
    { ...park({ ...body, config: labelled }, "next"), name: next, start: false },
    { target: member },
  );
}

/** The kept predecessor was proved once; that does not count for now. And an undo must put it back, not throw it away. */
async function prepareKept({ journal }: ApplyContext, { client, project, name }: Target): Promise<void> {
  await editInstance(client, project, physicalNames(name).previous, (body) => {
    const { [label.healthy]: _, ...config } = body.config;
    return park({ ...body, config: { ...config, [label.origin]: "previous", [label.apply]: journal.id } }, "next");
  });
}

/** The successor gets the addresses and the autostart; the predecessor has given them up already. */
async function handOver({ client, project, name }: Target, heir: string): Promise<void> {
  const outgoing = await readInstance(client, project, physicalNames(name).outgoing);
  const next = await readInstance(client, project, heir);
  if (outgoing === undefined || next === undefined)
    throw new FloeError(`An object of the swap of "${name}" is gone`, { hint: "Somebody else deleted or renamed it" });
  // Two that run on the same volumes at once would be worse than any failure.
  if (isUp(outgoing)) throw new FloeError(`"${outgoing.name}" was started by somebody else during the swap`);
  await editInstance(client, project, heir, (body) => unpark(body, "next", inheritedAddresses(outgoing, next)));
}

async function commit({ client, project, name }: Target): Promise<void> {
  await editInstance(client, project, name, (body) => {
    const config = { ...body.config, [label.healthy]: "true", [label.role]: "current" };
    return unmark({ ...body, config });
  });
}

/** The successor is proved: what is left is tidying, which the next apply does as well if it fails here. */
async function finish(context: ApplyContext, target: Target): Promise<Outcome> {
  try {
    await recoverInstance(context, target);
  } catch (error) {
    context.emit({
      type: "message",
      level: "warning",
      text: `"${target.name}" runs, but its predecessor could not be put away: ${messageOf(error)}. The next apply does it`,
    });
  }
  return done;
}
