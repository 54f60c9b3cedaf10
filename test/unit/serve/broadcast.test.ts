import { expect, test } from "vitest";
import { openBroadcast } from "../../../src/serve/live/broadcast.ts";
import type { Job } from "../../../src/serve/protocol.ts";

const jobEvent = (id: string) => ({
  type: "job" as const,
  data: { id, kind: "plan", title: "plan", user: "me", state: "running", startedAt: 0, subjects: [] } satisfies Job,
});
const collect = () => {
  const got: { readonly event: string; readonly id: string | undefined }[] = [];
  return { got, send: (event: string, _data: unknown, id?: string) => got.push({ event, id }) };
};

test("who comes back gets what was missed; who is up to date nothing", () => {
  const broadcast = openBroadcast();
  const listener = collect();
  const leave = broadcast.join(listener);
  for (const id of ["a", "b", "c"]) broadcast.sendNumbered(jobEvent(id));
  leave();
  broadcast.sendNumbered(jobEvent("d"));
  expect(listener.got).toHaveLength(3);
  const [first, , third] = listener.got.map(({ id }) => id ?? "");
  const missed = (id = "") => broadcast.missed(id)?.map(({ event }) => (event.data as Job).id);
  expect(missed(first)).toEqual(["b", "c", "d"]);
  expect(missed(third)).toEqual(["d"]);
});

test("what is no longer kept, of another server, or nonsense: unknown", () => {
  const broadcast = openBroadcast({ events: 2, length: 10_000 });
  const listener = collect();
  broadcast.join(listener);
  for (const id of ["a", "b", "c", "d"]) broadcast.sendNumbered(jobEvent(id));
  const ids = listener.got.map(({ id }) => id ?? "");
  expect(broadcast.missed(ids[0] ?? "")).toBeUndefined();
  expect(broadcast.missed(ids[1] ?? "")).toHaveLength(2);
  const run = (ids[0] ?? "").split("-")[0];
  for (const id of ["", "1", "00000000-1", `${run}-5`, `${run}--1`, `${run}-99999999999999999999`, `${run}-1; drop`])
    expect(broadcast.missed(id), id).toBeUndefined();
});

test("what is kept is bounded by its length too", () => {
  const broadcast = openBroadcast({ events: 100, length: 500 });
  const listener = collect();
  broadcast.join(listener);
  for (let count = 0; count < 50; count += 1) broadcast.sendNumbered(jobEvent("x".repeat(100)));
  expect(broadcast.missed(listener.got[48]?.id ?? "")).toHaveLength(1);
  expect(broadcast.missed(listener.got[40]?.id ?? "")).toBeUndefined();
});

test("the first page wakes, the last one puts to sleep", () => {
  const broadcast = openBroadcast();
  const told: boolean[] = [];
  broadcast.onWatched((isWatched) => told.push(isWatched));
  const leave = [collect(), collect()].map((listener) => broadcast.join(listener));
  expect([told, broadcast.listeners]).toEqual([[true], 2]);
  for (const each of leave) each();
  leave[0]?.();
  expect([told, broadcast.listeners]).toEqual([[true, false], 0]);
});
