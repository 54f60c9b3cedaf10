/** What came of every fault at every step, as it is printed and put into docs/faults.md. */

export interface Cell {
  readonly strategy: string;
  readonly step: string;
  readonly fault: string;
  readonly result: string;
}

/** One table for each strategy: a row for each step, a column for each fault. */
export function table(cells: readonly Cell[], faults: readonly string[]): string {
  const strategies = [...new Set(cells.map(({ strategy }) => strategy))];
  return strategies
    .map((strategy) => {
      const mine = cells.filter((cell) => cell.strategy === strategy);
      const steps = [...new Set(mine.map(({ step }) => step))];
      const columns = faults.filter((fault) => mine.some((cell) => cell.fault === fault));
      const rows = steps.map((step) => [
        step,
        ...columns.map((fault) => mine.find((cell) => cell.step === step && cell.fault === fault)?.result ?? ""),
      ]);
      return lines([[strategy, ...columns], ...rows]);
    })
    .join("\n\n");
}

// --- internal ---

function lines(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)].join("\n");
}
