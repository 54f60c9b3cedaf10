/** What `floe doctor` prints: one line a finding, and how to mend what is not well. */
import type { Finding } from "../../doctor/finding.ts";
import type { Colors } from "./style.ts";
import { counted } from "./words.ts";

export function renderFindings(findings: readonly Finding[], colors: Colors): string {
  const areas = [...new Set(findings.map((item) => item.area))];
  const sections = areas.flatMap((area) => [
    colors.bold(area),
    ...findings.filter((item) => item.area === area).flatMap((item) => renderFinding(item, colors)),
  ]);
  return `${[...sections, "", colors.bold(verdict(findings))].join("\n")}\n`;
}

function renderFinding(item: Finding, colors: Colors): string[] {
  const signs = { ok: colors.green("✓"), info: colors.dim("·"), warn: colors.yellow("!"), fail: colors.red("✗") };
  const line = `  ${signs[item.status]} ${item.message}`;
  return item.mend === undefined || item.status === "ok" ? [line] : [line, `      ${colors.cyan(item.mend)}`];
}

function verdict(findings: readonly Finding[]): string {
  const count = (status: Finding["status"]): number => findings.filter((item) => item.status === status).length;
  const [failed, warned] = [count("fail"), count("warn")];
  if (failed > 0) return `${counted(failed, "thing")} to mend${warned > 0 ? `, ${counted(warned, "warning")}` : ""}`;
  return warned > 0 ? `Ready, with ${counted(warned, "warning")}` : "Ready";
}
