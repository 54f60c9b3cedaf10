import { describe, expect, test } from "vitest";
import { parseEnvelope, toOperation } from "../../../src/incus/envelope.ts";

describe("parseEnvelope()", () => {
  const parse = (body: unknown) => parseEnvelope("read x", 200, JSON.stringify(body));

  test("tells the three kinds apart by the body alone", () => {
    expect(parse({ type: "sync", metadata: [] })).toEqual({ type: "sync", metadata: [] });
    expect(parse({ type: "async", operation: "/1.0/operations/1", metadata: { status_code: 103, err: "" } })).toEqual({
      type: "async",
      operation: "/1.0/operations/1",
      metadata: { status_code: 103, err: "", metadata: undefined },
    });
    expect(parse({ type: "error", error_code: 404, error: "Not Found", metadata: null })).toEqual({
      type: "error",
      status: 404,
      words: "Not Found",
    });
  });

  test.each(["<html>", "[]", "null", "{}", ""])("refuses %j, which is no answer of Incus", (text) => {
    expect(() => parseEnvelope("read x", 502, text)).toThrow(
      `Cannot read x: the answer is not one of Incus: "${text}"`,
    );
  });
});

test("toOperation() takes metadata that is null for an operation that says nothing", () => {
  expect(toOperation(null)).toEqual({ status_code: 0, err: "", metadata: undefined });
});
