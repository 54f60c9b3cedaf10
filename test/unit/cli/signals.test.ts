import { EventEmitter } from "node:events";
import { beforeEach, expect, test, vi } from "vitest";
import { watchSignals } from "../../../src/cli/signals.ts";

let source: EventEmitter;
let said: string[];
let killed: number;
let signal: AbortSignal;
let now = 0;

beforeEach(() => {
  source = new EventEmitter();
  said = [];
  killed = 0;
  now = 10_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  signal = watchSignals(
    source,
    (text) => said.push(text),
    () => killed++,
  );
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s aborts and says so", (name) => {
  source.emit(name);
  expect(signal.aborted).toBe(true);
  expect(said).toEqual(["Stopping… (again within 3 s to end at once)\n"]);
  expect(killed).toBe(0);
});

test("a second signal within 3 s kills", () => {
  source.emit("SIGINT");
  now += 2000;
  source.emit("SIGINT");
  expect(killed).toBe(1);
});

test("a signal that arrives twice for one keypress counts once", () => {
  source.emit("SIGINT");
  now += 20;
  source.emit("SIGINT");
  expect(killed).toBe(0);
});

test("a second signal after 3 s is patience, not a kill", () => {
  source.emit("SIGINT");
  now += 5000;
  source.emit("SIGINT");
  expect(killed).toBe(0);
  expect(said.at(-1)).toBe("Still stopping…\n");
});

test("a verb with a way of its own to end gets each keypress once, until it has no more use for them", () => {
  const seen: string[] = [];
  const own = new EventEmitter();
  const ended = watchSignals(
    own,
    (text) => said.push(text),
    () => killed++,
    (name) => seen.push(name) <= 2,
  );
  for (const name of ["SIGINT", "SIGTERM"]) {
    own.emit(name);
    now += 20;
    own.emit(name);
    now += 1000;
  }
  expect([seen, said, ended.aborted]).toEqual([["SIGINT", "SIGTERM"], [], false]);
  own.emit("SIGINT");
  expect([said.length, ended.aborted, killed]).toEqual([1, true, 0]);
});
