/** Back to a system that an instance ran before; its settings stay. */
import { FloeError, UsageError } from "../../errors.ts";
import type { Difference } from "../../model/plan.ts";
import { encodeHealth } from "../../plan/applied.ts";
import { type Generation, isInPlace, readGenerations } from "../../plan/generations.ts";
import { label } from "../../plan/labels.ts";
import type { ObservedInstance } from "../../plan/observed.ts";
import { unmark } from "../../plan/recovery.ts";
import type { ApplyContext, Outcome, Target } from "../context.ts";
import { switchSystem } from "./switch.ts";
import type { Systems } from "./systems.ts";

/**
 * The generation to go back to: number `to`, else the one before; undefined for an instance that has none, which is gone
 * back with in another way.
 * @throws UsageError when there is no such generation, or it runs already
 */
export function generationBefore({ name, config }: ObservedInstance, to?: number): Generation | undefined {
  const generations = readGenerations(config);
  if (to === undefined) return isInPlace(config) ? generations.at(-2) : undefined;
  const found = generations.find(({ number }) => number === to);
  if (found === undefined)
    throw new UsageError(`"${name}" has no generation ${to}`, {
      hint:
        generations.length === 0
          ? "Only an instance that is updated in place keeps generations: leave --to away"
          : `It has: ${generations.map(({ number }) => number).join(", ")}; see floe history ${name}`,
    });
  if (found.system === config[label.system])
    throw new UsageError(`"${name}" runs generation ${to} already`, { hint: `See floe history ${name}` });
  return found;
}

export function rollbackDifference({ config }: ObservedInstance, { number, system }: Generation): Difference {
  const before = config[label.system];
  return { key: "system", ...(before === undefined ? {} : { before }), after: system, note: `generation ${number}` };
}

/** What runs now becomes the generation before: a second rollback comes back. */
export async function rollbackSystem(
  context: ApplyContext,
  target: Target,
  systems: Systems | undefined,
  { system, health = target.health }: Generation,
): Promise<Outcome> {
  if (systems === undefined) throw new FloeError(`The systems of "${target.name}" are not known`);
  return switchSystem(context, { ...target, health }, systems, {
    system,
    start: false,
    restart: false,
    marked: (body) => body,
    committed: (body) => ({ ...body, config: { ...unmark(body).config, [label.health]: encodeHealth(health) } }),
  });
}
