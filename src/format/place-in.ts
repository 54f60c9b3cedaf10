/** Where in a file a tool's words say that something is wrong. */

export interface Place {
  readonly line?: number;
  readonly column?: number;
}

/**
 * The first place that is named: `FILE:LINE:COLUMN`, as most say it, or in the words of TypeScript, prettier, black, shellcheck, those that begin a line
 * with the place, and those that count bytes. `read` gives the file.
 */
export function placeIn(output: string, file: string, read: () => Buffer): Place {
  const name = file.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const patterns = [
    `${name}:(\\d+)(?::(\\d+))?`,
    `${name}\\((\\d+),(\\d+)\\)`,
    `${name}: .*\\((\\d+):(\\d+)\\)`,
    `${name}: Cannot parse.*: (\\d+):(\\d+)`,
    `In (?:\\./)?${name} line (\\d+)`,
    "^ +(\\d+):(\\d+) ",
  ];
  for (const pattern of patterns) {
    const [, line, column] = new RegExp(pattern, "m").exec(output) ?? [];
    if (line !== undefined) return { line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) };
  }
  // alejandra, deadnix: "a.nix: unexpected TOKEN_SEMICOLON at 6..7".
  const [, offset] = new RegExp(`${name}: .* at (\\d+)\\.\\.\\d+`).exec(output) ?? [];
  return offset === undefined ? {} : placeOfByte(read(), Number(offset));
}

// --- internal ---

function placeOfByte(content: Buffer, offset: number): Place {
  const lines = content.subarray(0, offset).toString().split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}
