import { describe, expect, it } from "vitest";
import { parseAnsi } from "../../web/lib/ansi.ts";

const esc = "\u001b";

describe("parseAnsi()", () => {
  it("gives text without colours as one span", () => {
    expect(parseAnsi("plain")).toEqual([{ text: "plain" }]);
    expect(parseAnsi("")).toEqual([]);
  });

  it("reads colours, styles and their end", () => {
    expect(parseAnsi(`a${esc}[1;31mred${esc}[22m thin${esc}[0m b`)).toEqual([
      { text: "a" },
      { text: "red", color: "red", isBold: true },
      { text: " thin", color: "red" },
      { text: " b" },
    ]);
  });

  it("knows bright colours and the first sixteen of 256, and no others", () => {
    expect(parseAnsi(`${esc}[94mx`)).toEqual([{ text: "x", color: "bright-blue" }]);
    expect(parseAnsi(`${esc}[38;5;9mx`)).toEqual([{ text: "x", color: "bright-red" }]);
    expect(parseAnsi(`${esc}[38;5;200;4mx`)).toEqual([{ text: "x", isUnderlined: true }]);
    expect(parseAnsi(`${esc}[38;2;1;2;3;3mx`)).toEqual([{ text: "x", isItalic: true }]);
    expect(parseAnsi(`${esc}[48;5;1mx`)).toEqual([{ text: "x" }]);
  });

  it("drops what would move a cursor, set a title or make a link", () => {
    expect(parseAnsi(`${esc}[2Ka${esc}]0;title\u0007b${esc}]8;;http://x${esc}\\c\u0008`)).toEqual([
      { text: "a" },
      { text: "b" },
      { text: "c" },
    ]);
  });

  it("shows only what was written last over a line", () => {
    expect(parseAnsi("10 %\r50 %\r100 %\n")).toEqual([{ text: "100 %" }]);
  });

  it("leaves markup as the text it is", () => {
    expect(parseAnsi("<img src=x onerror=alert(1)>")).toEqual([{ text: "<img src=x onerror=alert(1)>" }]);
  });
});
