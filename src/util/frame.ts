const widest = 160;

/**
 * The lines around a place in a file, five where the file has them, with their numbers and a caret under the column:
 *
 *       2 | export default container({
 *     > 3 |   instances: { web: { prots: { 8081: 80 } } },
 *         |                       ^
 *
 * Lines and columns count from 1; `linesAround` is how many are shown before and after. Empty when the file has no such line.
 */
export function frame(text: string, line: number, column: number, linesAround = 2): string {
  const lines = text.split(/\r?\n/);
  if (line < 1 || line > lines.length) return "";
  const first = Math.max(1, line - linesAround);
  const last = Math.min(lastLine(lines), line + linesAround);
  const width = String(Math.max(last, line)).length;
  const rows: string[] = [];
  for (let number = first; number <= Math.max(last, line); number++) {
    const content = lines[number - 1] ?? "";
    const mark = number === line ? ">" : " ";
    rows.push(`${mark} ${String(number).padStart(width)} | ${shorten(content)}`.trimEnd());
    if (number === line) rows.push(`  ${" ".repeat(width)} | ${indentOf(content, column)}^`);
  }
  return rows.join("\n");
}

/** The newline that ends a file does not begin another line. */
function lastLine(lines: readonly string[]): number {
  return lines.at(-1) === "" ? lines.length - 1 : lines.length;
}

function shorten(content: string): string {
  return content.length > widest ? `${content.slice(0, widest - 1)}…` : content;
}

/** White space as wide as what stands before the column: tabs stay tabs. */
function indentOf(content: string, column: number): string {
  const end = Math.min(Math.max(column, 1) - 1, content.length, widest);
  return content.slice(0, end).replace(/[^\t]/g, " ");
}
