import { describe, expect, test } from "vitest";
import {
  readLines,
  readNumber,
  readRestoreRequest,
  readSnapshotRequest,
  readTrustRequest,
} from "../../../src/serve/details/read-body.ts";

describe("what a browser sends is not believed", () => {
  test.each([
    undefined,
    null,
    1,
    "x",
    [],
    {},
    { name: 1 },
    { name: "" },
    { name: "a/b" },
    { name: "../x" },
    { name: "-x" },
  ])("a snapshot of %j", (body) => expect(() => readSnapshotRequest(body)).toThrow(/must be|no name/));
  test("names that Incus takes are taken", () => {
    for (const name of ["a", "before-update", "2026.11_23"])
      expect(readSnapshotRequest({ name, more: 1 })).toEqual({ name });
  });

  test("going back is confirmed by the name, and nothing else", () => {
    expect(readRestoreRequest({ confirm: "s1" }, "s1")).toEqual({ confirm: "s1" });
    expect(readRestoreRequest({ confirm: "s1", saveAs: "now" }, "s1")).toEqual({ confirm: "s1", saveAs: "now" });
    for (const body of [undefined, {}, { confirm: true }, { confirm: "s2" }, { confirm: "s1", saveAs: "a b" }])
      expect(() => readRestoreRequest(body, "s1")).toThrow();
  });

  test("a server is trusted by name and token", () => {
    expect(readTrustRequest({ name: "crown", token: "t", url: "" })).toEqual({ name: "crown", token: "t" });
    expect(readTrustRequest({ name: "crown", token: "t", url: "crown.lan" })).toMatchObject({ url: "crown.lan" });
    expect(() => readTrustRequest({ name: "crown" })).toThrow("token");
    expect(() => readTrustRequest({ name: "crown", token: "x".repeat(20_000) })).toThrow("token");
  });
});

test.each([
  ["", 200],
  ["lines=5", 5],
  ["lines=0", 1],
  ["lines=99999", 2000],
])("of the query %j %i lines of a log are asked for", (query, lines) => {
  expect(readLines(new URLSearchParams(query))).toBe(lines);
});

test.each(["", "-1", "1e3", "0x1", "1.5", "1234567890", " 1"])("%j is no number", (text) => {
  expect(() => readNumber(new URLSearchParams({ from: text }), "from")).toThrow("must be a number");
});
