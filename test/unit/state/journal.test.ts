import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "../../../src/state/atomic.ts";
import { history, type JournalSummary, openJournal, readUnfinished } from "../../../src/state/journal.ts";
import { acquireLock, type Lock } from "../../../src/state/lock.ts";

let root: string;
let lock: Lock;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "floe-journal-"));
  lock = acquireLock(root, "apply");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folder = (): string => path.join(root, ".floe", "journal");
/** Without what differs each time. */
const plain = ({ id: _id, by: _by, startedAt: _started, endedAt, openSteps, ...rest }: JournalSummary) => ({
  ...rest,
  ended: endedAt !== undefined,
  openSteps: openSteps.map(({ step }) => step),
});

test("history() tells what came of each apply, the newest first", async () => {
  const first = openJournal(lock, "apply", "home");
  first.intent("local/default/web", "create");
  first.done("local/default/web", "create");
  first.intent("local/default/web", "start");
  first.failed("local/default/web", "start", "no");
  first.change("local/default/web", "undone", "no");
  first.end(4);
  await new Promise((resolve) => setTimeout(resolve, 2));
  openJournal(lock, "rollback", "home").end(0);
  expect(history(root).map(plain)).toEqual([
    { verb: "rollback", fleet: "home", exitCode: 0, changes: [], ended: true, openSteps: [] },
    {
      verb: "apply",
      fleet: "home",
      exitCode: 4,
      changes: [{ subject: "local/default/web", outcome: "undone", error: "no" }],
      ended: true,
      openSteps: [],
    },
  ]);
});

test("readUnfinished() finds what a killed apply was at, until one ends well", async () => {
  const killed = openJournal(lock, "apply", "home");
  killed.intent("local/default/web", "create");
  killed.done("local/default/web", "create");
  killed.intent("local/default/web", "stop");
  expect(readUnfinished(root, killed.id)).toEqual([]);
  expect(readUnfinished(root).map(plain)).toEqual([
    { verb: "apply", fleet: "home", changes: [], ended: false, openSteps: ["stop"] },
  ]);
  await new Promise((resolve) => setTimeout(resolve, 2));
  const failed = openJournal(lock, "apply", "home");
  failed.end(4);
  expect(readUnfinished(root)).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 2));
  openJournal(lock, "apply", "home").end(0);
  expect(readUnfinished(root)).toEqual([]);
});

test("a last line that was cut short, and a file that is no journal, do no harm", () => {
  const killed = openJournal(lock, "apply", "home");
  killed.intent("local/default/web", "stop");
  appendFileSync(path.join(folder(), `${killed.id}.jsonl`), '{"at":"2026-11-22T00:00:00.000Z","type":"do');
  writeFileSync(path.join(folder(), "0.jsonl"), "");
  expect(readUnfinished(root).map(plain)).toMatchObject([{ openSteps: ["stop"] }]);
});

test("lines that are no entries do no harm", () => {
  const journal = openJournal(lock, "apply", "home");
  for (const line of ["null", "7", '{"type":"intent"}', '{"at":"x","type":"toString"}', '{"at":"x","type":"change"}'])
    appendFileSync(path.join(folder(), `${journal.id}.jsonl`), `${line}\n`);
  journal.end(0);
  expect(history(root).map(plain)).toMatchObject([{ exitCode: 0, changes: [], openSteps: [] }]);
});

test("a full disk keeps new things from being begun, lets what was begun come to its end, and cuts no file short", async () => {
  const script = path.join(root, "full-disk.mjs");
  const build = await rolldown({ input: path.join(import.meta.dirname, "full-disk.ts"), platform: "node" });
  await build.write({ file: script, format: "esm" });
  await build.close();
  const place = path.join(root, "project");
  // In blocks of 512 bytes or of 1024, as the shell has it.
  const { stdout, stderr } = spawnSync("sh", [
    "-c",
    'ulimit -f 8; exec "$0" "$1" "$2"',
    process.execPath,
    script,
    place,
  ]);
  expect(stderr.toString()).toBe("");
  expect(JSON.parse(stdout.toString())).toEqual({
    replaced: "Cannot write FILE: EFBIG: file too large, write",
    content: "old",
    steps: ["ok", "ok", "ok", "Cannot write FILE: EFBIG: file too large, write", "ok", "ok"],
    problem: expect.stringContaining("EFBIG"),
  });
  expect(readUnfinished(place).map(plain)).toEqual([
    { verb: "apply", fleet: "home", changes: [], ended: false, openSteps: [] },
  ]);
});

test("openJournal() keeps the newest 200", () => {
  openJournal(lock, "apply", "home").end(0);
  for (let number = 0; number < 210; number++)
    writeFileSync(path.join(folder(), `1999${String(number).padStart(4, "0")}.jsonl`), "");
  openJournal(lock, "apply", "home").end(0);
  expect(readdirSync(folder())).toHaveLength(200);
  expect(history(root)).toHaveLength(2);
});

test("replaceFile() leaves the old content when it cannot write the new", () => {
  const file = path.join(root, "state.json");
  replaceFile(file, "one");
  replaceFile(file, "two");
  expect(readdirSync(root).filter((name) => name.startsWith("state"))).toEqual(["state.json"]);
  expect(() => replaceFile(path.join(file, "below"), "three")).toThrowError(/Cannot write/);
});
