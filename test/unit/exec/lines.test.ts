import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { captureTail } from "../../../src/exec/capture.ts";
import { splitLines } from "../../../src/exec/lines.ts";

function feed(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

describe("splitLines()", () => {
  test("hands on a last line without an end, and no line when there is none", () => {
    expect(feed([Buffer.from("a\nb\r\n\nc")])).toEqual(["a", "b", "", "c"]);
    expect(feed([Buffer.from("a\n")])).toEqual(["a"]);
    expect(feed([])).toEqual([]);
  });

  test("gives the same lines however the bytes are cut", () => {
    const text = fc
      .array(fc.string({ unit: "binary" }).map((line) => line.replace(/[\r\n]/g, "é")))
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (whole, sizes) => {
        const bytes = Buffer.from(whole);
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] as number;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(feed(chunks)).toEqual(feed([bytes]));
        expect(feed([bytes]).join("\n")).toBe(bytes.toString().replace(/\n$/, ""));
      }),
    );
  });

  test("hands on a line without end in pieces", () => {
    const lines = feed(Array.from({ length: 10 }, () => Buffer.alloc(100_000, "x")));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join("")).toHaveLength(1_000_000);
  });
});

describe("captureTail()", () => {
  test("keeps the end and says that it dropped something", () => {
    const capture = captureTail(10);
    for (const piece of ["0123456789", "abcdefghij", "klmnopqrst", "uv"]) capture.push(Buffer.from(piece));
    expect(capture.text()).toBe("mnopqrstuv");
    expect(capture.truncated).toBe(true);
  });

  test("keeps everything that fits", () => {
    const capture = captureTail(10);
    capture.push(Buffer.from("01234"));
    capture.push(Buffer.from("56789"));
    expect(capture.text()).toBe("0123456789");
    expect(capture.truncated).toBe(false);
  });
});
