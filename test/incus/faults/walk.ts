/** Walks over every fault at every step. The steps are those of an update that nothing disturbs. */
import { expect } from "vitest";
import type { FloeEvent } from "../../../src/report/events.ts";
import { outcomes, stepsOf } from "../apply-support.ts";
import type { Fault, Victim } from "./faults.ts";
import type { Strategy, Way } from "./way.ts";

/** Steps that are begun in an update that goes well, in their order, without those on other instances. */
export async function stepsOfUpdate(way: Way): Promise<string[]> {
  await way.ready();
  way.edit();
  const { report, events } = await way.apply();
  expect(report.exitCode, outcomes(report).join("\n")).toBe(0);
  await way.check();
  return [...new Set(stepsOf(events, way.victim().name))];
}

/** After them and until `start` is through, nothing can run while floe is not there to go on. */
const downAfter: Readonly<Record<Strategy, string | undefined>> = {
  swap: "stop",
  "swap-warm": "stop",
  rebuild: "stop",
  "in-place": undefined,
};

/**
 * One fault at one step, and the apply after it. Answers what served in between, and how the first apply ended.
 * @throws what is not as it should be
 */
export async function strike(
  way: Way,
  fault: Fault,
  where: { readonly strategy: Strategy; readonly step: string; readonly steps: readonly string[] },
): Promise<string> {
  const { lab } = way.victim();
  await way.ready();
  way.edit();
  const { outcome: ended, error } =
    fault.strike === "self" ? await killed(way, where.step) : await struck(way, fault, where.step);
  await fault.mend?.(lab);
  lab.cut.mend();
  const served = await way.serves();
  await way.checkVolume();
  if (served === undefined)
    expect(fault.keepsDown === true && isDown(where), `nothing runs, the apply ${ended}: ${error ?? ""}`).toBe(true);
  const { report } = await way.apply();
  expect(report.exitCode, `the apply after "${ended} ${error ?? ""}" ended with:\n${outcomes(report).join("\n")}`).toBe(
    0,
  );
  await way.check();
  return `${ended}, ${served ?? "nothing"} ${served === undefined ? "runs" : "serves"}`;
}

/** What waits for a step of the victim, and then strikes once. */
export function trapAt(
  { strike }: Fault,
  victim: Victim,
  step: string,
): { readonly emit: (event: FloeEvent) => void; readonly hasStruck: () => Promise<boolean> } {
  let striking: Promise<unknown> | undefined;
  return {
    emit(event) {
      if (event.type !== "step.start" || event.step !== step || !event.subject.endsWith(`/${victim.name}`)) return;
      if (strike !== "self") striking ??= (async () => strike(victim))();
    },
    async hasStruck() {
      await striking;
      return striking !== undefined;
    },
  };
}

// --- internal ---

/** How the apply ended that was struck. */
interface Ended {
  readonly outcome: string;
  readonly error: string | undefined;
}

function isDown({ strategy, step, steps }: Parameters<typeof strike>[2]): boolean {
  const from = downAfter[strategy];
  return (
    from !== undefined && steps.indexOf(step) > steps.indexOf(from) && steps.indexOf(step) <= steps.indexOf("health")
  );
}

async function killed(way: Way, step: string): Promise<Ended> {
  expect(await way.killAt(step), `what was said where the step "${step}" was not reached`).toBeUndefined();
  return { outcome: "killed", error: undefined };
}

async function struck(way: Way, fault: Fault, step: string): Promise<Ended> {
  const victim = way.victim();
  const trap = trapAt(fault, victim, step);
  const ended = await way.apply(trap.emit).then(
    ({ report }) => report.changes.findLast(({ kind, action }) => kind === "instance" && action !== "none"),
    (error: unknown) => ({ outcome: "stopped" as const, error: (error as Error).message }),
  );
  expect(await trap.hasStruck(), `the step "${step}" was not reached`).toBe(true);
  return { outcome: ended?.outcome ?? "nothing done", error: ended?.error };
}
