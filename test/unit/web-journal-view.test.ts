import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../../src/state/journal.ts";
import { journalView } from "../../web/lib/journal-view.ts";

type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;
const entries = (...list: readonly WithoutTime<JournalEntry>[]): JournalEntry[] =>
  list.map((entry, index) => ({ at: new Date((index + 1) * 100).toISOString(), ...entry }));

const web = "local/default/web-1";
const image = "local/default/image:web";
const begin = { type: "begin", id: "1", verb: "apply", pid: 1, fleet: "home" } as const;

describe("journalView()", () => {
  it("has the steps of each change with their details and times", () => {
    const subjects = journalView(
      entries(
        begin,
        { type: "intent", subject: image, step: "upload" },
        { type: "intent", subject: web, step: "create", detail: "web-1-next" },
        { type: "done", subject: image, step: "upload" },
        { type: "change", subject: image, outcome: "done" },
        { type: "done", subject: web, step: "create" },
        { type: "change", subject: web, outcome: "done" },
        { type: "end", exitCode: 0 },
      ),
    );
    expect(subjects).toMatchObject([
      { name: "image web", outcome: "done", ms: 300, steps: [{ step: "upload", state: "done", ms: 200 }] },
      { name: "web-1", outcome: "done", ms: 400, steps: [{ detail: "web-1-next", state: "done", ms: 300 }] },
    ]);
  });

  it("has what failed, and a step that was done again at its own time", () => {
    const [subject] = journalView(
      entries(
        begin,
        { type: "intent", subject: web, step: "stop" },
        { type: "done", subject: web, step: "stop" },
        { type: "intent", subject: web, step: "health" },
        { type: "failed", subject: web, step: "health", error: "Not healthy" },
        { type: "intent", subject: web, step: "stop" },
        { type: "done", subject: web, step: "stop" },
        { type: "change", subject: web, outcome: "undone", error: "Not healthy" },
      ),
    );
    expect(subject).toMatchObject({ outcome: "undone", error: "Not healthy" });
    expect(subject?.steps.map(({ step, state, ms, error }) => ({ step, state, ms, error }))).toEqual([
      { step: "stop", state: "done", ms: 100, error: undefined },
      { step: "health", state: "failed", ms: 100, error: "Not healthy" },
      { step: "stop", state: "done", ms: 100, error: undefined },
    ]);
  });

  it("leaves a step open that nobody ended", () => {
    const [subject] = journalView(entries(begin, { type: "intent", subject: web, step: "start" }));
    expect(subject?.outcome).toBeUndefined();
    expect(subject?.steps).toEqual([{ step: "start", state: "running", startedAt: 200 }]);
  });

  it("has a change that took no step", () => {
    expect(
      journalView(entries(begin, { type: "change", subject: web, outcome: "skipped", error: "Cancelled" })),
    ).toEqual([{ subject: web, name: "web-1", steps: [], outcome: "skipped", ms: 0, error: "Cancelled" }]);
  });
});
