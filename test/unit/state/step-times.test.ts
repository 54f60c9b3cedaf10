import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readStepTimes } from "../../../src/state/step-times.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "floe-times-"));
  mkdirSync(path.join(root, ".floe", "journal"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const web = "local/default/web";
/** One journal; `[type, step, seconds]`. */
function write(name: string, steps: readonly (readonly [type: string, step: string, at: number])[]): void {
  const lines = steps.map(([type, step, at]) =>
    JSON.stringify({ at: new Date(at * 1000).toISOString(), type, subject: web, step }),
  );
  writeFileSync(path.join(root, ".floe", "journal", `${name}.jsonl`), `${lines.join("\n")}\n{"cut short`);
}

test("readStepTimes() answers what each step took the last time it was done", () => {
  write("1", [
    ["intent", "stop", 10],
    ["done", "stop", 13],
    ["intent", "start", 13],
    ["done", "start", 13.5],
  ]);
  write("2", [
    ["intent", "stop", 20],
    ["done", "stop", 21],
    ["intent", "start", 21],
    ["failed", "start", 29],
  ]);
  expect(readStepTimes(root).get(web)).toEqual({ stop: 1000, start: 500 });
  expect(readStepTimes(root).get("local/default/other")).toBeUndefined();
});

test("readStepTimes() knows nothing where nothing was applied", () => {
  expect(readStepTimes(path.join(root, "nowhere")).size).toBe(0);
});
