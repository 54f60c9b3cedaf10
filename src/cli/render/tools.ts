/** What formatters and linters said, file by file, and one line that sums up. */
import type { Finding, ToolsReport } from "../../format/run-tools.ts";
import type { Colors } from "./style.ts";
import { counted } from "./words.ts";

export interface ToolsOptions {
  readonly colors: Colors;
  readonly verbose: boolean;
  readonly kind: "format" | "lint";
  readonly fix: boolean;
}

export function renderTools(report: ToolsReport, options: ToolsOptions): string {
  const { colors, fix } = options;
  const files = [...new Set(report.findings.map(({ file }) => file))];
  const changed = fix ? report.changed.map((file) => `${colors.green("✓")} ${file}`) : [];
  const found = files.flatMap((file) => renderFile(file, report.findings, options));
  const gap = changed.length > 0 && found.length > 0 ? [""] : [];
  const body = [...changed, ...gap, ...found];
  return `${[...body, ...(body.length > 0 ? [""] : []), colors.bold(summary(report, files.length, options))].join("\n")}\n`;
}

// --- internal ---

function renderFile(file: string, findings: readonly Finding[], { colors, verbose }: ToolsOptions): string[] {
  const own = findings.filter((finding) => finding.file === file);
  return own.flatMap(({ tool, kind, output }, index) => {
    const words = kind === "unformatted" ? "is not formatted" : "";
    const head = index === 0 ? `${colors.red("✗")} ${colors.bold(file)}` : `  ${" ".repeat(file.length)}`;
    const lines = kind === "failed" || verbose ? output.split("\n").map((line) => `    ${line}`.trimEnd()) : [];
    return [`${head}  ${colors.dim(tool)} ${words}`.trimEnd(), ...lines];
  });
}

function summary(
  { files, changed, findings, missing }: ToolsReport,
  wrong: number,
  { kind, fix }: ToolsOptions,
): string {
  if (files === 0) return `No file is for a ${kind === "format" ? "formatter" : "linter"}`;
  const parts = [
    ...(changed.length > 0
      ? [`${counted(changed.length, "file")} ${kind === "format" ? "formatted" : "changed"}`]
      : []),
    ...(wrong > 0
      ? [
          findings.every((finding) => finding.kind === "unformatted")
            ? `${counted(wrong, "file")} of ${files} not formatted; floe fmt formats them`
            : `${counted(wrong, "file")} of ${files} with problems`,
        ]
      : []),
    ...(missing.length > 0 ? [`${counted(missing.length, "tool")} missing`] : []),
  ];
  if (parts.length > 0) return parts.join(", ");
  return kind === "format" && fix
    ? `${counted(files, "file")}, all formatted already`
    : `${counted(files, "file")}, all well`;
}
