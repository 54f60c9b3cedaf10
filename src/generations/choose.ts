/** Which generation a rollback goes to. Pure. */
import { FloeError, UsageError } from "../errors.ts";
import type { ObservedGeneration, ObservedGenerations } from "./observe.ts";

/**
 * The one with the number, or the last one before that is another system than what runs, and that did not fail when it was switched to.
 * @throws UsageError when there is none with the number, FloeError when it runs already or there is none before
 */
export function chooseGeneration(
  { generations, running, current }: ObservedGenerations,
  name: string,
  to?: number,
): ObservedGeneration {
  const runs = running ?? generations.find(({ number }) => number === current)?.system;
  if (to !== undefined) {
    const found = generations.find(({ number }) => number === to);
    if (found === undefined)
      throw new UsageError(`"${name}" has no generation ${to}`, {
        hint: `There are: ${generations.map(({ number }) => number).join(", ") || "none"}; floe history ${name}`,
      });
    if (
      found.system !== runs ||
      (current !== undefined && generations.find(({ number }) => number === current)?.system !== runs)
    )
      return found;
    throw new FloeError(`"${name}" runs generation ${to} already`, { hint: `floe history ${name} lists the others` });
  }
  const before = generations.filter(
    ({ number, system, isFailed }) =>
      isFailed !== true && number < (current ?? Number.POSITIVE_INFINITY) && system !== runs,
  );
  const found = before.at(-1);
  if (found !== undefined) return found;
  throw new FloeError(`"${name}" has no generation to go back to`, {
    hint:
      generations.length > 1
        ? `Name one of them: floe rollback ${name} --to N; floe history ${name} lists them`
        : undefined,
  });
}
