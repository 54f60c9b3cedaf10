/**
 * Where in a source file a key of a definition stands. The user's object has no positions, so the keys on the way are searched
 * in the text, each after the one before; a key that is computed is not found, and the last one found is the answer. This only
 * decides where a message points, never what it says.
 */
export function locateKey(
  text: string,
  start: { readonly line: number; readonly column: number },
  path: readonly string[],
): { line: number; column: number } {
  let offset = lineOffset(text, start.line);
  let found = { line: start.line, column: start.column };
  for (const key of path) {
    const index = /^\d+$/.test(key) ? Number(key) : undefined;
    if (index === 0) continue;
    const next = keyOffset(text, key, offset);
    if (next === undefined) break;
    offset = next;
    found = positionAt(text, offset);
  }
  return found;
}

/** The first `key:`, `"key":` or shorthand `key,` after the offset, on a word border. */
function keyOffset(text: string, key: string, from: number): number | undefined {
  const name = key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`(?<![\\w$.-])(["'\`]?)${name}\\1\\s*(?:[:,}]|$)`, "gm");
  pattern.lastIndex = from;
  return pattern.exec(withoutComments(text))?.index;
}

/** The text with blanks in place of comments: every offset stays. What looks like one in a string or template is passed over. */
function withoutComments(text: string): string {
  const part = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(part, (found) => (found.startsWith("/") ? found.replace(/[^\n]/g, " ") : found));
}

function lineOffset(text: string, line: number): number {
  let offset = 0;
  for (let number = 1; number < line; number++) {
    const end = text.indexOf("\n", offset);
    if (end < 0) return text.length;
    offset = end + 1;
  }
  return offset;
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
