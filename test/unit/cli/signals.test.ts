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
