/** What came of `start`, `stop` and `restart`: a line for each instance. */
import type { PowerAction, PowerResult } from "../../pipeline.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";
import { duration } from "./words.ts";

export interface PowerRow extends PowerResult {
  /** Where its services are reached. */
  readonly services: readonly string[];
}

export function renderPower(action: PowerAction, rows: readonly PowerRow[], colors: Colors): string {
  const lines = alignColumns(
    rows.map((row) => [
      `  ${sign(row, colors)} ${colors.bold(row.name)}`,
      words(action, row),
      row.outcome === "done" ? colors.dim(duration(row.ms)) : "",
      action === "stop" || row.outcome === "failed" ? "" : row.services.map(colors.cyan).join("  "),
    ]),
  );
  return `${lines.join("\n")}\n`;
}

// --- internal ---

const done: Readonly<Record<PowerAction, string>> = { start: "started", stop: "stopped", restart: "restarted" };

function sign({ outcome }: PowerResult, colors: Colors): string {
  if (outcome === "done") return colors.green("✓");
  return outcome === "failed" ? colors.red("✗") : colors.dim(outcome === "unchanged" ? "=" : "·");
}

function words(action: PowerAction, { outcome, error }: PowerResult): string {
  switch (outcome) {
    case "done":
      return done[action];
    case "unchanged":
      return action === "stop" ? "was stopped already" : "ran already";
    case "failed":
      return "failed";
    case "skipped":
      return `not begun: ${error ?? ""}`;
  }
}
