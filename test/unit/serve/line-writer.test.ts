import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { LineCutter, lineLimit, lineWriter } from "../../../src/serve/details/line-writer.ts";

const cut = (...pieces: string[]): string[] => {
  const cutter = new LineCutter();
  return [...pieces.flatMap((piece) => cutter.add(piece)), ...cutter.end()];
};

describe("text becomes lines", () => {
  test.each([
    [["a\nb\n"], ["a", "b"]],
    [
      ["a", "b\nc"],
      ["ab", "c"],
    ],
    [
      ["a\r\nb\r", "\n"],
      ["a", "b"],
    ],
    [["\n\n"], ["", ""]],
    [[""], []],
    [["10%\r20%\r100%\n"], ["10%\r20%\r100%"]],
  ])("%j is %j", (pieces, lines) => expect(cut(...pieces)).toEqual(lines));

  test("one that is too long is cut, however it comes, and the next one is whole", () => {
    const long = "x".repeat(3 * lineLimit);
    const expected = [`${"x".repeat(lineLimit)}…`, "next"];
    expect(cut(`${long}\nnext`)).toEqual(expected);
    expect(cut(...long, "\nne", "xt\n")).toEqual(expected);
    expect(cut(long.slice(0, lineLimit), "\n")).toEqual([long.slice(0, lineLimit)]);
    expect(cut(long.slice(0, lineLimit), "\r", "\n")).toEqual([long.slice(0, lineLimit)]);
    expect(cut(long.slice(0, lineLimit), "y\n")).toEqual([`${long.slice(0, lineLimit)}…`]);
  });
});

test("a program waits for a browser that takes no more, and a letter in two pieces stays one", async () => {
  const sent: string[] = [];
  let release: () => void = () => {};
  const stream = lineWriter({
    send(_event, data) {
      sent.push((data as { text: string }).text);
      return false;
    },
    drained: () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  });
  const bytes = Buffer.from("ü1\nü2\n");
  stream.write(bytes.subarray(0, 1));
  stream.write(bytes.subarray(1));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual(["ü1"]);
  release();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual(["ü1", "ü2"]);
  release();
  stream.end("open");
  const finished = once(stream, "finish");
  await new Promise((resolve) => setImmediate(resolve));
  release();
  await finished;
  expect(sent).toEqual(["ü1", "ü2", "open"]);
});
