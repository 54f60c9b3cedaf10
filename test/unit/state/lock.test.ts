import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LockedError } from "../../../src/errors.ts";
import { acquireLock, currentHolder, type LockHolder } from "../../../src/state/lock.ts";
import { sha256 } from "../../../src/util/sha256.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "floe-lock-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const lockFile = (place = root): string => path.join(place, ".floe", "lock");
const files = (place = root): string[] => readdirSync(path.join(place, ".floe")).sort();

/** A lock as some other floe would have left it. */
function leave(holder: Partial<LockHolder>, place = root): void {
  const lock = acquireLock(place, "apply");
  const mine = lock.holder;
  lock.release();
  writeFileSync(lockFile(place), JSON.stringify({ ...mine, token: "abcdef", ...holder }));
}

test("acquireLock() says who holds it, and release() gives it back", () => {
  const lock = acquireLock(root, "apply");
  expect(currentHolder(root)).toEqual(lock.holder);
  expect(() => acquireLock(root, "rollback")).toThrowError(LockedError);
  expect(() => acquireLock(root, "rollback")).toThrowError(
    `Another floe is at work in this project: "apply" (process ${process.pid}) since ${lock.holder.since}`,
  );
  lock.release();
  expect(currentHolder(root)).toBeUndefined();
  acquireLock(root, "apply").release();
  expect(files()).toEqual([]);
});

test.each<[string, Partial<LockHolder>]>([
  ["a process that is gone", { pid: 2 ** 22 + 1 }],
  ["a process whose number another has now", { startTime: "1" }],
  ["an earlier boot", { boot: "earlier" }],
])("acquireLock() takes over the lock of %s", (_what, holder) => {
  leave(holder);
  expect(currentHolder(root)).toBeUndefined();
  const lock = acquireLock(root, "apply");
  expect(currentHolder(root)?.token).toBe(lock.holder.token);
  expect(files()).toEqual(["lock"]);
});

test("acquireLock() takes over a lock that is no lock, and a claim whose owner is gone too", () => {
  leave({});
  writeFileSync(lockFile(), "not even JSON");
  acquireLock(root, "apply").release();
  leave({ startTime: "1" });
  const gone = readFileSync(lockFile(), "utf8");
  writeFileSync(`${lockFile()}.${sha256(gone).slice(0, 16)}`, gone.replace("abcdef", "fedcba"));
  acquireLock(root, "apply");
  expect(files()).toEqual(["lock"]);
});

test("acquireLock() believes the lock of another machine", () => {
  leave({ host: "elsewhere", pid: 1 });
  expect(() => acquireLock(root, "apply")).toThrowError('(process 1 on "elsewhere")');
});

test("release() leaves a lock alone that is another's by now", () => {
  const lock = acquireLock(root, "apply");
  writeFileSync(lockFile(), JSON.stringify({ ...lock.holder, token: "123456" }));
  lock.release();
  expect(files()).toEqual(["lock"]);
});

test("of many that find a dead lock at once exactly one gets it", { timeout: 30_000 }, async () => {
  const script = await bundleRacer();
  const roots = Array.from({ length: 40 }, (_, round) => path.join(root, String(round)));
  for (const place of roots) leave({ startTime: "1" }, place);
  const racers = 4;
  const gates = new Int32Array(new SharedArrayBuffer(4 * roots.length));
  const answers = await Promise.all(Array.from({ length: racers }, () => race(script, { roots, gates, racers })));
  for (const [round, place] of roots.entries()) {
    const won = answers.map((tokens) => tokens[round]).filter((token) => token !== null);
    expect(won, place).toHaveLength(1);
    expect((JSON.parse(readFileSync(lockFile(place), "utf8")) as LockHolder).token).toBe(won[0]);
    expect(files(place)).toEqual(["lock"]);
  }
});

async function bundleRacer(): Promise<string> {
  const script = path.join(root, "racer.mjs");
  const build = await rolldown({
    input: path.join(import.meta.dirname, "lock-racer.ts"),
    platform: "node",
    logLevel: "silent",
  });
  await build.write({ file: script, format: "esm" });
  await build.close();
  return script;
}

/** Answers, for each of the locks, the token of a racer that got it. */
function race(script: string, workerData: object): Promise<(string | null)[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData });
    worker.on("message", resolve);
    worker.on("error", reject);
  });
}
