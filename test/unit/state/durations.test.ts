import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { FloeEvent } from "../../../src/report/events.ts";
import { openDurations } from "../../../src/state/durations.ts";

const folder = mkdtempSync(join(tmpdir(), `floe-project-${process.pid}-`));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const switched = (ms: number, ok = true): FloeEvent => ({
  at: 0,
  type: "step.end",
  subject: "host:crown",
  step: "switch",
  ok,
  ms,
});

test("openDurations() guesses the middle of the last five times of what ended well, and keeps it", () => {
  const first = openDurations(folder);
  expect(first.estimate("host:crown switch")).toBeUndefined();
  for (const ms of [900_000, 10, 20, 500, 40, 30]) first.note(switched(ms));
  first.note(switched(1, false));
  expect(first.estimate("host:crown switch")).toBe(30);
  first.note({ at: 1000, type: "build.start", drv: "/nix/store/x-linux.drv", name: "linux" });
  first.note({ at: 61_000, type: "build.end", drv: "/nix/store/x-linux.drv", name: "linux", ok: true });
  first.save();
  const second = openDurations(folder);
  expect([second.estimate("host:crown switch"), second.estimate("build linux")]).toEqual([30, 60_000]);
});

test("openDurations() does not mind a file that is damaged", () => {
  writeFileSync(join(folder, "durations.json"), '{"a": 5, "b": ["x"], "c": [7]}');
  const durations = openDurations(folder);
  expect([durations.estimate("a"), durations.estimate("b"), durations.estimate("c")]).toEqual([
    undefined,
    undefined,
    7,
  ]);
});
