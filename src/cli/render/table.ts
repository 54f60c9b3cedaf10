/** Aligned columns, without boxes: they copy well and can be cut with `awk`. */
import { stripAnsi } from "../../util/ansi.ts";

/** The columns a text takes on a terminal; every character counts as one. */
export function visibleWidth(text: string): number {
  return [...stripAnsi(text)].length;
}

export function padTo(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - visibleWidth(text)));
}

/** One line a row; each column as wide as its widest cell, `gap` spaces between. Nothing is written after the last cell of a row that has text. */
export function alignColumns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, visibleWidth(cell));
    });
  }
  return rows.map((row) => {
    const filled = row.slice(0, row.findLastIndex((cell) => cell !== "") + 1);
    return filled
      .map((cell, index) => (index === filled.length - 1 ? cell : padTo(cell, (widths[index] ?? 0) + gap)))
      .join("");
  });
}

/** Columns that the widest of these lines takes. */
export function widest(lines: readonly string[]): number {
  return Math.max(0, ...lines.map(visibleWidth));
}

/** Cuts a text to `width` columns; an ellipsis shows that something is missing. Colours must be put on afterwards. */
export function truncate(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}
