import { describe, expect, it } from "vitest";
import type { FleetState, HistoryEntry } from "../../src/serve/protocol.ts";
import { rollbackTarget, waysBack } from "../../web/lib/way-back.ts";

const web = "local/default/web-1";
const db = "local/default/db";

const entry = (id: string, verb: string, ...subjects: readonly string[]): HistoryEntry => ({
  id,
  verb,
  fleet: "home",
  startedAt: "2026-11-23T02:00:00Z",
  endedAt: "2026-11-23T02:01:00Z",
  exitCode: 0,
  changes: subjects.map((subject) => ({ subject, outcome: "done" })),
  openSteps: [],
  isRunning: false,
});

const instance = (name: string, hasPrevious = true) => ({ server: "local", project: "default", name, hasPrevious });
const host = (name: string, state: string, generation: number) => ({ name, state, generation });
const fleet = {
  instances: [instance("web-1"), instance("db"), instance("new", false)],
  hosts: [host("crown", "reachable", 3), host("first", "reachable", 1), host("away", "unreachable", 5)],
} as unknown as FleetState;

const names = (history: readonly HistoryEntry[]): Record<string, string[]> =>
  Object.fromEntries([...waysBack(history, fleet)].map(([id, targets]) => [id, targets.map(({ name }) => name)]));

describe("waysBack()", () => {
  it("is in the entry that replaced a thing last", () => {
    const history = [
      entry("c", "rollback", web),
      entry("b", "apply", "local/default/image:web", web, db),
      entry("a", "apply", web, db),
    ];
    expect(names(history)).toEqual({ c: ["web-1"], b: ["db"], a: [] });
  });

  it("is not in what replaced nothing", () => {
    expect(names([entry("b", "restart", web), entry("a", "apply", web)])).toEqual({ b: [], a: ["web-1"] });
    const undone: HistoryEntry = { ...entry("b", "apply"), changes: [{ subject: web, outcome: "undone" }] };
    expect(names([undone, entry("a", "apply", web)])).toEqual({ b: [], a: ["web-1"] });
  });

  it("takes a predecessor, or a generation before", () => {
    const all = ["local/default/new", "local/default/gone", "host:crown", "host:first", "host:away"];
    expect(names([entry("a", "apply", ...all)])).toEqual({ a: ["crown"] });
    expect([...waysBack([entry("a", "apply", web)], undefined).values()]).toEqual([[]]);
  });
});

describe("rollbackTarget()", () => {
  it("is an instance or a host, and no image or volume", () => {
    expect(rollbackTarget(web)).toEqual({ kind: "instances", name: "web-1" });
    expect(rollbackTarget("host:crown")).toEqual({ kind: "hosts", name: "crown" });
    for (const subject of ["local/default/image:web", "local/default/volume:default/data", "user:me@laptop"])
      expect(rollbackTarget(subject), subject).toBeUndefined();
  });
});
