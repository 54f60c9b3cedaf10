/**
 * The rebuild: the same instance gets the root disk of another image. What is on the old one is lost, and the instance is
 * down from the stop to the proof; everything else about it stays.
 *
 *     mark → stop → update → rebuild → carry → start → health → commit
 *
 * From `update` to `commit` the instance carries both images (`rebuilding.ts`): what fails or is killed in between is
 * rebuilt from the old one.
 */
import { FloeError } from "../errors.ts";
import type { StringMap } from "../incus/types.ts";
import type { Body } from "../plan/applied.ts";
import { label } from "../plan/labels.ts";
import type { ObservedInstance } from "../plan/observed.ts";
import { type Rebuilding, withoutRebuilding } from "../plan/rebuilding.ts";
import { isUp } from "../plan/recovery.ts";
import { defined } from "../util/defined.ts";
import { type ApplyContext, done, type Outcome, step, type Target, throwIfCancelled } from "./context.ts";
import { editInstance } from "./edit.ts";
import { waitHealthy } from "./health.ts";
import { giveKeepsakes, type Keepsake, readLastKeepsakes } from "./keepsakes.ts";
import { takeBack } from "./live.ts";
import { readInstance } from "./objects.ts";
import { startInstance, stopInstance } from "./power.ts";
import { renewRoot, restoreRoot } from "./root.ts";

export interface Renewal {
  /** Of the image that it gets. */
  readonly fingerprint: string;
  /** Starts it even if it is stopped. */
  readonly start: boolean;
  /** Further settings that change with it; what they replace is written into the body, see `changedBody`. */
  readonly change: (body: Body) => Body;
  /** The body with the labels of one that is proved. */
  readonly commit: (body: Body) => Body;
}

export async function rebuildInstance(context: ApplyContext, target: Target, renewal: Renewal): Promise<Outcome> {
  const { client, project, name } = target;
  const before = await readInstance(client, project, name);
  if (before === undefined) throw new FloeError(`There is no instance "${name}" any more`, { hint: "Make a new plan" });
  const from = await wayBack(target, before);
  const wasUp = isUp(before);
  let keepsakes: readonly Keepsake[] | undefined;
  try {
    throwIfCancelled(context);
    keepsakes = from === undefined ? [] : await readLastKeepsakes(context, target, name);
    await renew(context, target, renewal, { from, wasUp, keepsakes, health: before.config[label.health] });
    return done;
  } catch (error) {
    const first = async (now: ObservedInstance): Promise<void> => {
      if (now.config[label.rebuilding] === undefined) return;
      await step(context, target.address, "rebuild", () => restoreRoot(context, target, keepsakes), "back");
    };
    return takeBack(context, target, error, { wasUp, wasRestarted: false, first });
  }
}

/** The labels of a committed rebuild: where a rollback goes to, and the checks (as `encodeHealth` writes them) that it is held to then. */
export function rebuiltFrom(
  config: StringMap,
  previous: string | undefined,
  health?: string | undefined,
): Record<string, string> {
  const { [label.previousImage]: _, [label.previousHealth]: __, ...others } = withoutRebuilding(config);
  if (previous === undefined) return others;
  return { ...others, ...defined({ [label.previousImage]: previous, [label.previousHealth]: health }) };
}

// --- internal ---

interface Before {
  readonly from: string | undefined;
  readonly wasUp: boolean;
  readonly keepsakes: readonly Keepsake[];
  /** The label of the checks it passed. */
  readonly health: string | undefined;
}

async function renew(
  context: ApplyContext,
  target: Target,
  { fingerprint, start, change, commit }: Renewal,
  { from, wasUp, keepsakes, health }: Before,
): Promise<void> {
  const { client, project, name, address } = target;
  const act = (word: string, action: () => Promise<void>, detail?: string) =>
    step(context, address, word, action, detail);
  const edit = (body: (body: Body) => Body) => editInstance(client, project, name, body);
  const rebuilding: Rebuilding = { ...(from === undefined ? {} : { from }), to: fingerprint };
  const marked = (body: Body): Body => ({
    ...body,
    config: { ...body.config, [label.rebuilding]: JSON.stringify(rebuilding) },
  });

  if (wasUp) {
    await act("mark", () => edit((body) => ({ ...body, config: { ...body.config, [label.resume]: "true" } })));
    throwIfCancelled(context);
    await act("stop", () => stopInstance(target, name, context.emit));
    throwIfCancelled(context);
  }
  await act("update", () => edit((body) => marked(change(body))));
  await act("rebuild", () => renewRoot(target, fingerprint), fingerprint.slice(0, 12));
  await act("carry", () => giveKeepsakes(target, name, keepsakes));
  throwIfCancelled(context);
  if (start || wasUp) {
    await act("start", () => startInstance(target, name));
    await act("health", () => waitHealthy(target, target.health, context.signal));
  }
  await act("commit", () =>
    edit((body) => {
      const proved = commit(body);
      return { ...proved, config: rebuiltFrom(proved.config, from, health) };
    }),
  );
}

/**
 * The image that runs now, from which the root disk can be made again. Undefined when there is no root to come back to.
 * @throws FloeError when there is no way back; looked at once more here, for Incus may not refuse it
 */
async function wayBack({ client, project, name }: Target, before: ObservedInstance): Promise<string | undefined> {
  if ((before.snapshots?.length ?? 0) > 0)
    throw new FloeError(`"${name}" has snapshots: a rebuild would lose them`, {
      hint: 'Delete them, or update it by "swap", which keeps them',
    });
  if (before.config[label.rootfs] === undefined) return undefined;
  const from = before.config["volatile.base_image"];
  if (from !== undefined && (await client.getImage(project, from)) !== undefined) return from;
  throw new FloeError(`The image that "${name}" runs is not on the server any more: a rebuild could not be undone`, {
    hint: 'Update it by "swap", which keeps the instance itself',
  });
}
