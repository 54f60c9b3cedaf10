/** Deleting an instance that is no longer described, with everything that was kept of it. Only on request. */
import { FloeError } from "../errors.ts";
import { isInPlace } from "../plan/generations.ts";
import { places } from "../plan/labels.ts";
import { type ApplyContext, done, type Outcome, step, type Target, throwIfCancelled } from "./context.ts";
import { retainSystems, type Systems } from "./in-place/systems.ts";
import { readObjects } from "./objects.ts";
import { discardInstance, stopInstance } from "./power.ts";

/** Snapshots are somebody's: an instance that has some stays as it is. */
export async function removeInstance(context: ApplyContext, target: Target, systems?: Systems): Promise<Outcome> {
  const objects = await readObjects(target, context.fleet);
  const found = places.flatMap((place) => objects[place] ?? []);
  const precious = found.filter(({ snapshots }) => (snapshots?.length ?? 0) > 0).map(({ name }) => `"${name}"`);
  if (precious.length > 0) {
    throw new FloeError(`${precious.join(" and ")} has snapshots`, {
      hint: `Delete them first if you do not need them: incus snapshot list ${target.name}`,
    });
  }
  for (const { name } of found) {
    throwIfCancelled(context);
    await step(context, target.address, "stop", () => stopInstance(target, name, context.emit), name);
    await step(
      context,
      target.address,
      "delete",
      async () => {
        await discardInstance(target, name, target.name);
      },
      name,
    );
  }
  const wasInPlace = found.some(({ config }) => isInPlace(config));
  if (wasInPlace && systems !== undefined) await retainSystems(context, target, systems);
  return done;
}
