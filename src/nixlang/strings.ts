/** The two notations for text, `"..."` and `''...''`, and the choice between them. */

/** A string's content with its antiquotations already printed, without `${` and `}`. */
export type Piece = { readonly text: string } | { readonly code: string };

/** `"..."` on one line. */
export function quoted(pieces: readonly Piece[]): string {
  let out = "";
  for (const [index, piece] of pieces.entries()) {
    out += "code" in piece ? `\${${piece.code}}` : escapeQuoted(piece.text, followedByCode(pieces, index));
  }
  return `"${out}"`;
}

/** On one line, without backslashes where `''...''` does without them: `''echo "hello"''`. */
export function oneLine(pieces: readonly Piece[]): string {
  const text = textOf(pieces);
  const isPlain = /["\\]/.test(text) && !/[\n\r\t]|''|\$\{|\$\uffff|^ |'$/.test(text);
  return isPlain
    ? `''${pieces.map((piece) => ("code" in piece ? `\${${piece.code}}` : piece.text)).join("")}''`
    : quoted(pieces);
}

/** The lines of `''...''`, escaped, each a list of pieces of text and of code that is to be printed. */
export function indentedLines<Code>(
  parts: readonly (string | Code)[],
  isText: (part: string | Code) => part is string,
): (string | Code)[][] {
  const lines: (string | Code)[][] = [[]];
  for (const [index, part] of parts.entries()) {
    if (!isText(part)) {
      lines.at(-1)?.push(part);
      continue;
    }
    const next = parts[index + 1];
    const [first = "", ...others] = escapeIndented(part, next !== undefined && !isText(next)).split("\n");
    if (first !== "") lines.at(-1)?.push(first);
    for (const other of others) lines.push(other === "" ? [] : [other]);
  }
  return lines;
}

/**
 * Whether text reads better, and means the same, as an indented string. Nix strips the smallest indentation of all lines, so
 * one line must have none; lines of blanks alone are left to `"..."`, because editors remove what cannot be seen.
 */
export function suitsIndented(pieces: readonly Piece[]): boolean {
  const text = textOf(pieces);
  if (!text.includes("\n") || text.includes("\r") || mixesQuotes(text)) return false;
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  // Without a newline at its end, a short text stays on one line.
  if (last !== "" && lines.length < 2) return false;
  if (last.endsWith("'")) return false;
  const all = last === "" ? lines : [...lines, last];
  if (all.some((line) => line !== "" && line.trim() === "")) return false;
  return all.some((line) => line !== "" && !line.startsWith(" "));
}

// --- internal ---

/** The text with U+FFFF, which is no character, for each antiquotation. */
function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => ("code" in piece ? "\uffff" : piece.text)).join("");
}

/** A quote before something that is itself escaped with quotes would join with them. */
function mixesQuotes(text: string): boolean {
  return /'\$(?=[{\uffff])|'''/.test(text);
}

function followedByCode(pieces: readonly Piece[], index: number): boolean {
  const next = pieces[index + 1];
  return next !== undefined && "code" in next;
}

const quotedEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escapeQuoted(text: string, beforeCode: boolean): string {
  const escaped = text.replace(/[\\"\n\r\t]|\$(?=\{)/g, (found) => quotedEscapes[found] ?? "\\$");
  return beforeCode && escaped.endsWith("$") ? `${escaped.slice(0, -1)}\\$` : escaped;
}

function escapeIndented(text: string, beforeCode: boolean): string {
  const escaped = text.replace(/''|\$(?=\{)/g, (found) => (found === "''" ? "'''" : "''$"));
  return beforeCode && escaped.endsWith("$") ? `${escaped.slice(0, -1)}''$` : escaped;
}
