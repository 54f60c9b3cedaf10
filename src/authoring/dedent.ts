/** Indentation stripped as Nix strips that of `''...''`, so that the text in TypeScript and in Nix is one and the same. */

/**
 * The literal parts of a template, between its expressions. With `firstLine: "is apart"` text that begins right after the
 * opening backtick says nothing about the indentation of the lines below. A first line of spaces alone goes, so does the indentation that all
 * lines share (spaces only; lines of spaces alone do not count), and so do spaces after the last line break.
 */
export function dedent(
  parts: readonly string[],
  options: { readonly firstLine: "counts" | "is apart" } = { firstLine: "counts" },
): string[] {
  const [head = "", ...tail] = parts;
  const opened = [head.replace(/^ *\n/, ""), ...tail];
  const fresh = options.firstLine === "counts" || opened[0] !== head;
  const drop = sharedIndentation(opened, fresh);
  let atStart = fresh;
  let dropped = 0;
  return opened.map((part, index) => {
    let out = "";
    for (const char of part) {
      if (char === "\n") {
        atStart = true;
        dropped = 0;
        out += char;
      } else if (atStart && char === " ") {
        if (dropped++ >= drop) out += char;
      } else {
        atStart = false;
        out += char;
      }
    }
    // An expression ends the indentation of its line.
    atStart = false;
    return index === opened.length - 1 ? out.replace(/\n *$/, "\n") : out;
  });
}

// --- internal ---

function sharedIndentation(parts: readonly string[], fresh: boolean): number {
  let smallest = Number.POSITIVE_INFINITY;
  let current = 0;
  let atStart = fresh;
  for (const [index, part] of parts.entries()) {
    for (const char of part) {
      if (char === "\n") {
        atStart = true;
        current = 0;
      } else if (atStart && char === " ") current++;
      else if (atStart) {
        atStart = false;
        smallest = Math.min(smallest, current);
      }
    }
    if (index < parts.length - 1 && atStart) {
      atStart = false;
      smallest = Math.min(smallest, current);
    }
  }
  return smallest;
}
