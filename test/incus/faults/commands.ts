/** What people and misfortune do to an instance, and what may come of it. */
import fc from "fast-check";
import { expect } from "vitest";
import { type Fault, faults } from "./faults.ts";
import { type Model, type Page, pages, type Sequence } from "./sequence.ts";

type Command = fc.AsyncCommand<Model, Sequence>;

const swapSteps = ["mark", "stop", "park", "set-aside", "hand-over", "take-over"] as const;
const endSteps = ["start", "health", "commit"] as const;
/** Of the update of each strategy; one that is undone comes to some more. */
const updateSteps: Readonly<Record<Model["update"], readonly string[]>> = {
  swap: ["create", ...swapSteps, "carry", ...endSteps, "discard", "retire", "put-back"],
  "swap-warm": [
    "create",
    "carry",
    "isolate",
    "trial-start",
    "trial-health",
    "trial-stop",
    ...swapSteps,
    ...endSteps,
    "retire",
  ],
  rebuild: ["mark", "stop", "update", "rebuild", "carry", ...endSteps, "revert"],
};
const rollbackSteps: Readonly<Record<Model["update"], readonly string[]>> = {
  swap: ["prepare", ...swapSteps, ...endSteps, "retire"],
  "swap-warm": ["prepare", ...swapSteps, ...endSteps, "retire"],
  rebuild: ["mark", "stop", "update", "rebuild", ...endSteps],
};

/** Before one of them; which one is known only when it is known how the instance is updated. */
type Which = number;
type When = "before" | "during" | "after";

export function anyCommands(maxCommands: number): fc.Arbitrary<Iterable<Command>> {
  const which = fc.nat(1000);
  const when = fc.constantFrom<When[]>("before", "during", "after");
  const turn = fc.constantFrom(1, 2);
  const isBroken = fc.integer({ min: 0, max: 4 }).map((one) => one === 0);
  const striking = fc.constantFrom(...faults.filter(({ strike }) => strike !== "self"));
  const update = fc.constantFrom("swap" as const, "swap-warm" as const, "rebuild" as const);
  return fc.commands(
    [
      fc.tuple(turn, isBroken).map(([by, broken]) => apply(by, broken)),
      fc.tuple(turn, isBroken).map(([by, broken]) => apply(by, broken)),
      fc.constant(apply(0, false)),
      fc.nat(9).map((setting) => edit(`setting ${setting}`, { setting })),
      update.map((update) => edit(update, { update })),
      fc.constant(rollback()),
      fc.tuple(turn, isBroken, which, when).map(([by, broken, at, when]) => killedUpdate(by, broken, at, when)),
      fc.tuple(turn, isBroken, which, when).map(([by, broken, at, when]) => killedUpdate(by, broken, at, when)),
      fc.tuple(which, when).map(([at, when]) => killedRollback(at, when)),
      fc.tuple(turn, striking, which).map(([by, fault, at]) => struck(by, fault, at)),
      fc.tuple(turn, striking, which).map(([by, fault, at]) => struck(by, fault, at)),
      fc.nat(99).map((value) => byHand(String(value))),
    ],
    { maxCommands, size: "max" },
  );
}

/** The apply that ends every sequence: whatever was before, all is as it is described. */
export async function converge(model: Model, real: Sequence): Promise<void> {
  await apply(0, false).run(model, real);
}

// --- internal ---

function command(words: string, run: (model: Model, real: Sequence) => Promise<void>): Command {
  return { check: () => true, run, toString: () => words };
}

function edit(words: string, change: Partial<Model>): Command {
  return command(`edit: ${words}`, async (model) => {
    Object.assign(model, change);
  });
}

/** To the page that many further on; then an apply. */
function apply(by: number, broken: boolean): Command {
  const words = `${by === 0 ? "" : "another page, "}${broken ? "which never serves, " : ""}apply`;
  return command(words, async (model, real) => {
    turnPage(model, by, broken);
    const before = model.serves;
    const code = await asAdvised(model, real);
    if (model.broken) {
      // Where the very same settings and image were rolled back from or failed before there may be nothing to do.
      expect([0, 4]).toContain(code);
      model.serves = settled(before, model.page);
      return note(model, await real.check(model), before);
    }
    expect(code, "the exit code of an apply that nothing disturbs").toBe(0);
    model.serves = [model.page];
    note(model, await real.check(model), before);
    await real.checkSettled(model);
    // So that it is known later whether the volume is the same.
    model.count += 1;
    await real.writeCount(model.count);
  });
}

/** A rebuild that could not be taken back is refused, with the advice to swap. */
async function asAdvised(model: Model, real: Sequence): Promise<number> {
  const code = await real.apply(model);
  if (code !== "refused") return code;
  expect([model.update, model.imageMayBeGone]).toEqual(["rebuild", true]);
  await real.check(model);
  model.update = "swap";
  const again = await real.apply(model);
  expect(again).not.toBe("refused");
  return again as number;
}

function rollback(): Command {
  return command("rollback", async (model, real) => {
    const before = model.serves;
    const { previous } = model;
    const code = await real.rollback(model);
    const isKnown = previous !== "unknown" && !model.imageMayBeGone && before.length === 1 && before[0] !== undefined;
    if (!isKnown) {
      model.serves = [...pages, ...(before.includes(undefined) ? [undefined] : [])];
      return note(model, await real.check(model), before);
    }
    expect(code, "the exit code of a rollback").toBe(previous === undefined ? undefined : 0);
    model.serves = [previous ?? before[0]];
    note(model, await real.check(model), before);
  });
}

function killedUpdate(by: number, broken: boolean, which: Which, when: When): Command {
  let at = "";
  return {
    check: () => true,
    toString: () => `another page, ${broken ? "which never serves, " : ""}apply, killed ${when} ${at}`,
    async run(model, real) {
      turnPage(model, by, broken);
      at = oneOf(updateSteps[model.update], which);
      const before = model.serves;
      const wasKilled = await real.killed(model, "apply", { step: at, when });
      model.serves = [...settled(before, model.page), ...(wasKilled || before.includes(undefined) ? [undefined] : [])];
      await real.check(model);
      // What it left may still be going on: Incus carries out what it was asked for.
      model.previous = "unknown";
    },
  };
}

function killedRollback(which: Which, when: When): Command {
  let at = "";
  return {
    check: ({ previous }) => previous !== undefined,
    toString: () => `rollback, killed ${when} ${at}`,
    async run(model, real) {
      at = oneOf(rollbackSteps[model.update], which);
      await real.killed(model, "rollback", { step: at, when });
      model.serves = [...pages, undefined];
      await real.check(model);
      model.previous = "unknown";
    },
  };
}

function struck(by: number, fault: Fault, which: Which): Command {
  let at = "";
  return {
    check: () => true,
    toString: () => `another page, apply, ${fault.name} at ${at}`,
    async run(model, real) {
      turnPage(model, by, false);
      at = oneOf(updateSteps[model.update], which);
      const before = model.serves;
      if (/image deleted/.test(fault.name)) model.imageMayBeGone = true;
      await real.struck(model, fault, at);
      const mayBeDown = before.includes(undefined) || fault.keepsDown === true;
      model.serves = [...settled(before, model.page), ...(mayBeDown ? [undefined] : [])];
      await real.check(model);
      model.previous = "unknown";
    },
  };
}

function byHand(value: string): Command {
  return {
    check: ({ serves }) => serves.length === 1,
    toString: () => `by hand: ${value}`,
    async run(model, real) {
      await real.setByHand(value);
      model.byHand = value;
    },
  };
}

function turnPage(model: Model, by: number, broken: boolean): void {
  model.page = pages[(pages.indexOf(model.page) + by) % pages.length] ?? model.page;
  model.broken = broken;
}

function oneOf(steps: readonly string[], which: Which): string {
  return steps[which % steps.length] ?? "";
}

/** What may run after an apply that may have been undone. */
function settled(before: Model["serves"], page: Page): Page[] {
  return [...new Set([...before.filter((one) => one !== undefined), page])];
}

/** What was seen is known from now on. */
function note(model: Model, served: Page | undefined, before: Model["serves"]): void {
  const [only] = before;
  const isKnown = before.length === 1 && only !== undefined && served !== undefined;
  // What is down comes back as what it was, which is not seen now.
  model.serves = served === undefined ? [...pages, undefined] : [served];
  if (!isKnown) model.previous = "unknown";
  else if (served !== only) model.previous = only;
}
