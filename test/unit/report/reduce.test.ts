import { expect, test } from "vitest";
import type { Change, Plan } from "../../../src/model/plan.ts";
import type { FloeEvent } from "../../../src/report/events.ts";
import { reduceEvents, startReport } from "../../../src/report/reduce.ts";

const instance = (name: string, action: "create" | "replace" | "none"): Change => ({
  kind: "instance",
  address: `local/default/${name}`,
  name,
  container: "web",
  server: "local",
  project: "default",
  action,
  method: action === "none" ? null : action === "create" ? "create" : "swap",
  differences: [],
  notes: [],
});
const plan: Pick<Plan, "fleet" | "changes"> = {
  fleet: "home",
  changes: [instance("web-1", "replace"), instance("web-2", "replace"), instance("web-3", "none")],
};
const end = (
  at: number,
  name: string,
  outcome: "done" | "undone" | "failed" | "skipped",
  error?: string,
): FloeEvent => ({
  at,
  type: "change.end",
  subject: `local/default/${name}`,
  outcome,
  ms: 5,
  ...(error === undefined ? {} : { error }),
});

test("startReport() has every change that is one", () => {
  expect(startReport(plan)).toMatchObject({
    unchanged: 1,
    exitCode: 0,
    changes: [{ name: "web-1", method: "swap" }, { name: "web-2" }],
    counts: { done: 0 },
  });
});

test.each([
  [["done", "done"], 0],
  [["done", "undone"], 4],
  [["undone", "skipped"], 4],
  [["failed", "skipped"], 5],
  [["undone", "failed"], 5],
] as const)("outcomes %j end with %i", ([first, second], exitCode) => {
  const report = reduceEvents(plan, [end(10, "web-1", first), end(30, "web-2", second)]);
  expect(report.exitCode).toBe(exitCode);
  expect(report.ms).toBe(20);
});

test("a report tells the step, the reason and what else was said", () => {
  const report = reduceEvents(plan, [
    { at: 0, type: "step.start", subject: "local/default/web-1", step: "health" },
    { at: 1, type: "message", level: "warning", text: "careful" },
    { at: 1, type: "message", level: "info", text: "by the way" },
    end(2, "web-1", "undone", "answered 500"),
  ]);
  expect(report.changes[0]).toMatchObject({ step: "health", outcome: "undone", error: "answered 500", ms: 5 });
  expect(report.changes[1]).not.toHaveProperty("outcome");
  expect(report.messages).toEqual([{ level: "warning", text: "careful" }]);
});
