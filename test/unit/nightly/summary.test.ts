import { expect, test } from "vitest";
import { summarise } from "../../../src/nightly/summary.ts";
import type { ApplyReport, ChangeReport } from "../../../src/report/reduce.ts";

const report = (changes: readonly Partial<ChangeReport>[], exitCode: ApplyReport["exitCode"] = 0): ApplyReport => ({
  fleet: "home",
  changes: changes.map((change) => ({
    kind: "instance",
    address: "local/default/x",
    name: "x",
    action: "replace",
    method: "swap",
    ms: 1234,
    ...change,
  })),
  unchanged: 0,
  counts: { done: 0, undone: 0, failed: 0, skipped: 0 },
  messages: [],
  exitCode,
  ms: 0,
});
const base = { fleet: "home", updates: [], isLockRestored: false } as const;

test("nothing changed is no news, even when an image was looked at", () => {
  expect(summarise({ ...base, report: report([]) })).toMatchObject({ isNews: false, subject: "home: nothing to do" });
  expect(summarise({ ...base, report: report([{ kind: "image", outcome: "done" }]) }).isNews).toBe(false);
});

test("what was updated, what came back, and what needs a person", () => {
  const { subject, text, isFailure } = summarise({
    ...base,
    updates: [
      {
        input: "nixpkgs",
        before: { rev: "3f9a1c2d4e5f", lastModified: 1761955200 },
        after: { rev: "8da380e41b2c", lastModified: 1763596800 },
      },
      { input: "new", after: { rev: "sha256-abcdefghijk=" } },
    ],
    report: report(
      [
        { name: "web", outcome: "done" },
        { name: "db", outcome: "undone", error: '"db" is not healthy: refused' },
        { name: "mail", outcome: "failed", error: "The undo failed too", hint: "incus start mail" },
        { name: "chat", outcome: "skipped", error: '"db" failed before' },
      ],
      5,
    ),
    problems: [{ subject: "server crown", message: "It does not answer" }],
  });
  expect(isFailure).toBe(true);
  expect(`${subject}\n${text}`).toMatchInlineSnapshot(`
    "home: 1 instance updated, 2 failed, 1 not begun, 1 problem
    input    nixpkgs: 3f9a1c2d4 (2025-11-01) → 8da380e41 (2025-11-20)
    input    new: new → abcdefghi
    done     web: swap, 1.2 s
    undone   db: "db" is not healthy: refused; what ran before runs again
    FAILED   mail: The undo failed too
             incus start mail
    skipped  chat: "db" failed before
    problem  server crown: It does not answer
    "
  `);
});

test("an error that ended it all, with the lock put back", () => {
  const { subject, text } = summarise({
    ...base,
    isLockRestored: true,
    error: { message: "The flake does not evaluate", hint: "floe check" },
  });
  expect(`${subject}\n${text}`).toMatchInlineSnapshot(`
    "home: the nightly apply failed
    flake.lock was put back as it was
    error    The flake does not evaluate
             floe check
    "
  `);
});
