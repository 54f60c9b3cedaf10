import { expect, test } from "vitest";
import { runInOrder, type Task } from "../../../src/apply/parallel.ts";

/** Tasks that take as many turns of the event loop as their number says, and what happened. */
function lab() {
  const log: string[] = [];
  let running = 0;
  const task = (id: string, after: readonly string[] = [], turns = 1, fails = false): Task => ({
    id,
    after,
    async run() {
      running += 1;
      log.push(`${id}+${running}`);
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      running -= 1;
      log.push(`${id}-`);
      if (fails) throw new Error(`${id} failed`);
    },
  });
  return { log, task };
}

test("tasks wait for those they name, and not for more", async () => {
  const { log, task } = lab();
  await runInOrder([task("a", [], 5), task("b", ["a"]), task("c"), task("d", ["c", "unknown"])], 3);
  expect(log).toEqual(["a+1", "c+2", "c-", "d+2", "d-", "a-", "b+1", "b-"]);
});

test("no more than the limit run at once", async () => {
  const { log, task } = lab();
  await runInOrder([task("a"), task("b"), task("c")], 1);
  expect(log).toEqual(["a+1", "a-", "b+1", "b-", "c+1", "c-"]);
});

test("one that throws ends it, once those that run are over", async () => {
  const { log, task } = lab();
  await expect(runInOrder([task("a", [], 1, true), task("b", [], 4), task("c")], 2)).rejects.toThrow("a failed");
  expect(log).toEqual(["a+1", "b+2", "a-", "b-"]);
});

test("tasks that wait for each other are an error and not an endless wait", async () => {
  const { task } = lab();
  await expect(runInOrder([task("a", ["b"]), task("b", ["a"])], 2)).rejects.toThrow("wait for each other: a, b");
});
