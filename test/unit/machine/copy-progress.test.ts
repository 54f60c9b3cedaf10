import { expect, test } from "vitest";
import { followCopy } from "../../../src/machine/copy-progress.ts";

const line = (event: object) => `@nix ${JSON.stringify(event)}`;
const start = (id: number, path: string) =>
  line({ action: "start", id, level: 3, type: 100, text: "", fields: [path, "", ""] });
const progress = (id: number, done: number) => line({ action: "result", id, type: 105, fields: [done, 100, 0, 0] });
const stop = (id: number) => line({ action: "stop", id });

test("bytes of several paths add up, and none is counted twice", () => {
  const seen: number[] = [];
  const log = followCopy(
    () => 100,
    (done) => seen.push(done),
  );
  for (const text of [
    start(1, "/a"),
    progress(1, 40),
    start(2, "/b"),
    progress(2, 10),
    progress(1, 100),
    stop(1),
    progress(1, 90),
  ])
    log.onLine(text);
  expect(seen).toEqual([40, 50, 110]);
});

test("a path of which nothing was said counts at its end", () => {
  const seen: number[] = [];
  const log = followCopy(
    (path) => (path === "/a" ? 7 : 8),
    (done) => seen.push(done),
  );
  for (const text of [start(1, "/a"), stop(1), start(2, "/b"), stop(2)]) log.onLine(text);
  expect(seen).toEqual([7, 15]);
  expect(log.done()).toBe(15);
});

test("errors are kept without colours; without any, what was printed", () => {
  const log = followCopy(
    () => 0,
    () => {},
  );
  log.onLine("bash: nix-daemon: not found");
  expect(log.errors()).toBe("bash: nix-daemon: not found");
  log.onLine(line({ action: "msg", level: 0, msg: "\u001b[31;1merror:\u001b[0m no" }));
  expect(log.errors()).toBe("error: no");
});
