import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CancelledError, FloeError } from "../../../src/errors.ts";
import type { JobRequest, JobWork } from "../../../src/serve/context.ts";
import { type OpenJobs, openJobs } from "../../../src/serve/jobs/jobs.ts";
import { openBroadcast } from "../../../src/serve/live/broadcast.ts";
import type { JobProgress } from "../../../src/serve/protocol.ts";
import { acquireLock, currentHolder } from "../../../src/state/lock.ts";

let root: string;
let jobs: OpenJobs;
const bugs: unknown[] = [];
const sent: { readonly type: string; readonly data: unknown }[] = [];

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "floe-jobs-"));
  bugs.length = 0;
  sent.length = 0;
  const broadcast = openBroadcast();
  broadcast.join({ send: (type, data) => sent.push({ type, data }) });
  jobs = openJobs({
    root,
    words: { instances: () => "", hosts: () => "" },
    broadcast,
    onChange: () => {},
    onBug: (error) => bugs.push(error),
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const change: JobRequest = { kind: "apply", title: "apply web", subjects: [], user: "alice", verb: "apply" };
const look: JobRequest = { kind: "plan", title: "plan", subjects: [], user: "bob" };
const run = async (request: JobRequest, work: (work: JobWork) => Promise<void>) => {
  const { id } = jobs.start(request, work);
  await jobs.settled(id, 5_000);
  return jobs.get(id);
};
/** Runs until it is cancelled. */
const untilCancelled = ({ signal }: JobWork) =>
  new Promise<void>((_, reject) => {
    signal.addEventListener("abort", () => reject(new CancelledError("Cancelled")));
  });

test("a change holds the lock for its requestor, and gives it back however it ends", async () => {
  const holders: (string | undefined)[] = [];
  await run(change, async ({ lock }) => void holders.push(currentHolder(root)?.by, lock.holder.verb));
  expect(holders).toEqual(["alice", "apply"]);
  await run(change, async () => {
    throw new FloeError("No");
  });
  expect(currentHolder(root)).toBeUndefined();
});

test("one change at a time, of this server or another floe; plans go beside it", async () => {
  const { id } = jobs.start(change, untilCancelled);
  expect(() => jobs.start({ ...change, user: "bob" }, async () => {})).toThrow('"apply web" of alice is under way');
  expect((await run(look, async () => {})).state).toBe("done");
  jobs.cancel(id);
  expect(await jobs.settled(id, 5_000)).toMatchObject({ state: "cancelled", error: { code: "CANCELLED" } });
  const lock = acquireLock(root, "rollback", "me@desk");
  expect(() => jobs.start(change, async () => {})).toThrow('Another floe is at work in this project: "rollback"');
  lock.release();
  expect((await run(change, async () => {})).state).toBe("done");
});

test("a plan holds no lock, and not many are made at once", async () => {
  const failed = await run(look, async (work) => void work.lock);
  expect([failed.state, failed.error?.code, bugs.length]).toEqual(["failed", "BUG", 1]);
  const running = [1, 2, 3, 4].map(() => jobs.start(look, untilCancelled));
  expect(() => jobs.start(look, async () => {})).toThrow("Several plans are being made already");
  jobs.cancelAll();
  await jobs.idle();
  expect(running.map(({ id }) => jobs.get(id).state)).toEqual(Array(4).fill("cancelled"));
});

test("what is expected is told as it is; what is a bug only to the terminal", async () => {
  const refused = await run(change, async () => {
    throw new FloeError("It cannot be done", { hint: "Do it by hand" });
  });
  expect(refused).toMatchObject({ state: "failed", error: { message: "It cannot be done", hint: "Do it by hand" } });
  const bug = await run(change, async () => {
    throw new TypeError("secret is not a function");
  });
  expect(JSON.stringify(bug)).not.toContain("secret");
  expect(bugs).toHaveLength(1);
});

test("every event is told once and in order, and the oldest of many are dropped", async () => {
  const count = 12_000;
  const job = await run(look, async ({ emit }) => {
    for (let line = 0; line < count; line += 1) emit({ type: "build.log", drv: "d", line: `line ${line}` });
  });
  expect(job.events.length).toBeLessThanOrEqual(5000);
  expect(job.dropped + job.events.length).toBe(count);
  expect(job.events.at(-1)).toMatchObject({ line: `line ${count - 1}` });
  const told = sent.filter(({ type }) => type === "progress").map(({ data }) => data as JobProgress);
  for (const { from, events } of told)
    for (const [index, event] of events.entries()) expect(event).toMatchObject({ line: `line ${from + index}` });
});

test("a line without an end is cut", async () => {
  const job = await run(look, async ({ emit }) => emit({ type: "build.log", drv: "d", line: "x".repeat(100_000) }));
  expect(JSON.stringify(job.events).length).toBeLessThan(5_000);
});

test("old jobs and plans are forgotten, those that run are not", async () => {
  const { id } = jobs.start(look, untilCancelled);
  for (let count = 0; count < 120; count += 1) await run(look, async () => {});
  expect(jobs.list()).toHaveLength(100);
  expect(jobs.get(id).state).toBe("running");
  jobs.cancelAll();
  await jobs.idle();
  expect(() => jobs.get("000000000000")).toThrow('There is no job "000000000000"');
  expect(() => jobs.plan("x")).toThrow("This plan is not known");
});
