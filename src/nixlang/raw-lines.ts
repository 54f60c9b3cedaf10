/** The lines of raw text, each with its own indentation, so that they can be moved to where the text stands. */
import { scanRaw } from "./raw.ts";
import type { NixExpr, NixRaw } from "./tree.ts";

export interface RawLine {
  readonly indentation: number;
  readonly parts: (string | NixExpr)[];
}

/** Line breaks inside a `"..."` are content: they end no line. */
export function rawLines({ parts }: NixRaw): RawLine[] {
  const { fixedBreaks } = scanRaw(parts);
  const lines: RawLine[] = [{ indentation: 0, parts: [] }];
  for (const [index, part] of parts.entries()) {
    if (typeof part !== "string") {
      lines.at(-1)?.parts.push(part);
      continue;
    }
    const start = index === 0 ? part.length - part.trimStart().length : 0;
    const end = index === parts.length - 1 ? part.trimEnd().length : part.length;
    const breaks = [...part.matchAll(/\n */g)].filter(
      (found) => found.index >= start && found.index < end && fixedBreaks[index]?.has(found.index) !== true,
    );
    let from = start;
    for (const found of breaks) {
      lines.at(-1)?.parts.push(part.slice(from, found.index));
      lines.push({ indentation: found[0].length - 1, parts: [] });
      from = found.index + found[0].length;
    }
    lines.at(-1)?.parts.push(part.slice(from, end));
  }
  return lines;
}
