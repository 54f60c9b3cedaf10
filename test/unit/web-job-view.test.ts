import { describe, expect, it } from "vitest";
import type { FloeEvent } from "../../src/report/events.ts";
import { currentWork, jobViewOf } from "../../web/lib/job-view.ts";

type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;
const events = (...list: readonly WithoutTime<FloeEvent>[]): FloeEvent[] =>
  list.map((event, index) => ({ at: (index + 1) * 100, ...event }) as FloeEvent);

const web = "local/default/web-1";

describe("jobViewOf()", () => {
  it("shows phases with their ends", () => {
    const { phases } = jobViewOf(
      events(
        { type: "phase.start", phase: "evaluate" },
        { type: "phase.end", phase: "evaluate", ok: true },
        { type: "phase.start", phase: "build" },
      ),
    );
    expect(phases).toEqual([
      { phase: "evaluate", state: "done", startedAt: 100, endedAt: 200 },
      { phase: "build", state: "running", startedAt: 300 },
    ]);
  });

  it("gathers the log of each build", () => {
    const drv = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-web.drv";
    const { builds } = jobViewOf(
      events(
        { type: "build.log", drv, line: "one" },
        { type: "build.phase", drv, phase: "buildPhase" },
        { type: "build.log", drv, line: "two" },
        { type: "build.end", drv, name: "web", ok: false },
      ),
    );
    expect(builds).toMatchObject([
      { name: "web", state: "failed", phase: "buildPhase", lines: ["one", "two"], dropped: 0, endedAt: 400 },
    ]);
  });

  it("keeps the end of a log that is too long, and the numbers of its lines", () => {
    const drv = "x";
    const lines = Array.from(
      { length: 5003 },
      (_, index) => ({ type: "build.log", drv, line: String(index) }) as const,
    );
    const [build] = jobViewOf(events(...lines)).builds;
    expect(build?.dropped).toBe(3);
    expect(build?.lines[0]).toBe("3");
  });

  it("follows the steps of a change that fails and is undone", () => {
    const { subjects } = jobViewOf(
      events(
        { type: "step.start", subject: web, step: "start" },
        { type: "step.end", subject: web, step: "start", ok: true, ms: 5 },
        { type: "step.start", subject: web, step: "health" },
        { type: "step.progress", subject: web, step: "health", done: 1, total: 4 },
        { type: "step.end", subject: web, step: "health", ok: false, ms: 9, error: "answered 500" },
        { type: "step.start", subject: web, step: "start" },
        { type: "change.end", subject: web, outcome: "undone", ms: 20, error: "not healthy", hint: "look" },
      ),
    );
    expect(subjects).toEqual([
      {
        subject: web,
        name: "web-1",
        outcome: "undone",
        ms: 20,
        error: "not healthy",
        hint: "look",
        steps: [
          { step: "start", state: "done", startedAt: 100, ms: 5 },
          { step: "health", state: "failed", startedAt: 300, ms: 9, error: "answered 500", progress: 0.25 },
          { step: "start", state: "running", startedAt: 600 },
        ],
      },
    ]);
  });
});

describe("currentWork()", () => {
  it("is a step before a build, and a build before a phase", () => {
    const phase = { type: "phase.start", phase: "build" } as const;
    const build = { type: "build.start", drv: "x", name: "web" } as const;
    const step = { type: "step.start", subject: web, step: "create" } as const;
    expect(currentWork(jobViewOf([]))).toBeUndefined();
    expect(currentWork(jobViewOf(events(phase)))).toEqual({ kind: "phase", phase: "build" });
    expect(currentWork(jobViewOf(events(phase, build)))).toEqual({ kind: "build", name: "web" });
    expect(currentWork(jobViewOf(events(phase, build, step)))).toMatchObject({ kind: "step", name: "web-1", count: 1 });
  });
});
