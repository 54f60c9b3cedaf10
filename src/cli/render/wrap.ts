/** Words in lines. */
import { visibleWidth } from "./table.ts";

/** Words behind a head, broken at `width`; further lines begin at column `indent`. A word that is too long has a line for itself. */
export function hang(
  head: string,
  words: readonly string[],
  { width, indent }: { readonly width: number; readonly indent: number },
): string[] {
  const lines: string[] = [];
  let line = head;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && visibleWidth(line) + 1 + visibleWidth(word) > width) {
      lines.push(line);
      line = " ".repeat(indent);
      isEmpty = true;
    }
    line = isEmpty ? `${line}${word}` : `${line} ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
