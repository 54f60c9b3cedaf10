import { expect, test } from "vitest";
import { healthStretches } from "../../web/lib/health-history.ts";

test("healthStretches() puts the same answers one after the other into one", () => {
  const answer = (at: number, ...failures: string[]) => ({ at, failures });
  expect(healthStretches([])).toEqual([]);
  expect(healthStretches([answer(50), answer(40), answer(30, "no page"), answer(20, "no port"), answer(10)])).toEqual([
    { failures: [], from: 40, to: 50, count: 2 },
    { failures: ["no page"], from: 30, to: 30, count: 1 },
    { failures: ["no port"], from: 20, to: 20, count: 1 },
    { failures: [], from: 10, to: 10, count: 1 },
  ]);
});
