import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSseReader, retryDelayMs } from "../../web/lib/sse.ts";

describe("createSseReader()", () => {
  it("reads name, data and id, and passes over comments", () => {
    const read = createSseReader();
    expect(read(": alive\n\nevent: job\nid: 7\ndata: {}\n\n")).toEqual([{ type: "job", data: "{}", id: "7" }]);
  });

  it("joins lines of data and calls an event without a name message", () => {
    expect(createSseReader()("data: a\ndata:b\n\n")).toEqual([{ type: "message", data: "a\nb" }]);
  });

  it("gives the same messages however the text is cut", () => {
    const text = 'event: fleet\r\ndata: {"a":1}\r\n\r\n: x\n\nid: 3\ndata: y\n\n';
    const whole = createSseReader()(text);
    expect(whole).toHaveLength(2);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const read = createSseReader();
        const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((to, index) => text.slice(places[index], to));
        expect(pieces.flatMap(read)).toEqual(whole);
      }),
    );
  });
});

describe("retryDelayMs()", () => {
  it("doubles up to half a minute", () => {
    expect([1, 2, 3, 20].map((attempt) => retryDelayMs(attempt, 1))).toEqual([500, 1000, 2000, 30_000]);
    expect(retryDelayMs(1, 0)).toBe(250);
  });
});
