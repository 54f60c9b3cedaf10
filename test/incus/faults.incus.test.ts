/**
 * What can go wrong around an update, at every step of every strategy: floe is killed, the server is killed, the connection
 * is cut, the disk fills up, somebody else changes the instance, or deletes its image. Whatever happens: the service runs,
 * the data is whole, and the next apply makes everything as it is described. Prints `fault × step → outcome`; docs/faults.md
 * is what it printed. FLOE_FAULTS=all walks over the whole table.
 */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipIncus } from "../support/incus.ts";
import { bundleRunner } from "./faults/bundle.ts";
import { type Fault, faults } from "./faults/faults.ts";
import { inPlaceWay } from "./faults/in-place-way.ts";
import { type Lab, openLab } from "./faults/lab.ts";
import { type Cell, table } from "./faults/table.ts";
import { tinyWay } from "./faults/tiny-way.ts";
import { stepsOfUpdate, strike } from "./faults/walk.ts";
import type { Strategy, Way } from "./faults/way.ts";

/** `all`, or a strategy, or `strategy:step`. */
const { FLOE_FAULTS = "some" } = process.env;
const [onlyStrategy, onlyStep] = FLOE_FAULTS.split(":");
const all = ["swap", "swap-warm", "rebuild", "in-place"] as const;
const strategies = all.some((strategy) => strategy === onlyStrategy)
  ? all.filter((strategy) => strategy === onlyStrategy)
  : all;

/** What is walked over when not all is: steps at which the world is in another state than before. */
const representative: Readonly<Record<Strategy, readonly string[]>> = {
  swap: ["take-over"],
  "swap-warm": [],
  rebuild: ["start"],
  "in-place": ["switch"],
};

/** In so many, each with an Incus of its own: most of the time is waiting. */
const parts: Readonly<Record<Strategy, number>> = { swap: 2, "swap-warm": 2, rebuild: 1, "in-place": 1 };
const lanes = strategies
  .filter((strategy) => FLOE_FAULTS !== "some" || representative[strategy].length > 0)
  .flatMap((strategy) => Array.from({ length: parts[strategy] }, (_, part) => ({ strategy, part })));

function concerns({ strategies: theirs }: Fault, strategy: Strategy): boolean {
  return theirs?.includes(strategy) ?? true;
}

function isChosen(strategy: Strategy, step: string): boolean {
  if (onlyStep !== undefined) return step === onlyStep;
  if (FLOE_FAULTS !== "some") return true;
  return representative[strategy].includes(step);
}

describe.skipIf(skipIncus())("faults at every step", () => {
  const runners: string[] = [];
  beforeAll(async () => {
    for (const runner of ["recover-runner", "in-place-runner"] as const)
      runners.push(await bundleRunner(runner, `faults-${process.pid}`));
  });
  afterAll(() => {
    for (const file of runners) rmSync(file, { force: true });
  });

  test("the service runs, the data is whole, and the next apply converges", { timeout: 3_600_000 }, async () => {
    const cells: Cell[] = [];
    const failures: unknown[] = [];
    const begin = Date.now();
    await Promise.all(
      lanes.map(async ({ strategy, part }) => {
        const lab = await openLab();
        const way = await openWay(lab, strategy, runners);
        const mine = faults.filter((fault, index) => index % parts[strategy] === part && concerns(fault, strategy));
        try {
          const steps = await stepsOfUpdate(way);
          for (const step of steps.filter((step) => isChosen(strategy, step)))
            for (const fault of mine) {
              const result = await cell(way, fault, { strategy, step, steps }, failures);
              cells.push({ strategy, step, fault: fault.name, result });
            }
        } finally {
          await way.close();
          await lab.remove();
        }
      }),
    );
    const inOrder = strategies.flatMap((strategy) => cells.filter((one) => one.strategy === strategy));
    const seconds = Math.round((Date.now() - begin) / 1000);
    const columns = faults.map(({ name }) => name);
    console.info(`${table(inOrder, columns)}\n\n${cells.length} faults in ${seconds} s (FLOE_FAULTS=${FLOE_FAULTS})`);
    expect(failures).toEqual([]);
    expect(cells.length).toBeGreaterThan(0);
  });
});

// --- internal ---

function openWay(lab: Lab, strategy: Strategy, [recover = "", inPlace = ""]: readonly string[]): Promise<Way> {
  return strategy === "in-place" ? inPlaceWay(lab, inPlace) : tinyWay(lab, strategy, recover);
}

async function cell(way: Way, fault: Fault, where: Parameters<typeof strike>[2], failures: unknown[]): Promise<string> {
  try {
    return await strike(way, fault, where);
  } catch (error) {
    const name = `${fault.name} × ${where.strategy} ${where.step}`;
    console.error(`${name}: ${(error as Error).message}`);
    failures.push(new Error(name, { cause: error }));
    way.startAfresh();
    return `WRONG: ${(error as Error).message.split("\n")[0]}`;
  }
}
