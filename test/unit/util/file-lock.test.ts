import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CancelledError } from "../../../src/errors.ts";
import { withFileLock } from "../../../src/util/file-lock.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "floe-file-lock-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const lock = (): string => path.join(root, "evaluate.lock");

test("withFileLock() lets one work at a time, and leaves nothing", async () => {
  const log: string[] = [];
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      log.push(`${name} begins`);
      setTimeout(() => resolve(void log.push(`${name} ends`)), 20);
    });
  await Promise.all(["one", "two", "three"].map((name) => withFileLock(lock(), {}, work(name))));
  expect(log.map((line) => line.split(" ")[1])).toEqual(["begins", "ends", "begins", "ends", "begins", "ends"]);
  expect(readdirSync(root)).toEqual([]);
});

test.each([
  ["a process that is gone", `${2 ** 22 + 1} 5`],
  ["a process whose number another has now", `${process.pid} 1`],
  ["a disk that lost its content", ""],
])("withFileLock() takes over the lock of %s", async (_what, content) => {
  writeFileSync(lock(), content);
  expect(await withFileLock(lock(), {}, async () => readdirSync(root))).toEqual(["evaluate.lock"]);
  expect(readdirSync(root)).toEqual([]);
});

test("withFileLock() says once for whom it waits, and stops waiting when it is told to", async () => {
  const stop = new AbortController();
  const waited: number[] = [];
  await withFileLock(lock(), {}, async () => {
    const other = withFileLock(lock(), { signal: stop.signal, onWait: (pid) => waited.push(pid) }, async () => 1);
    setTimeout(() => stop.abort(), 120);
    await expect(other).rejects.toThrowError(CancelledError);
  });
  expect(waited).toEqual([process.pid]);
  expect(readdirSync(root)).toEqual([]);
});
