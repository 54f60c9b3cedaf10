import { relative, resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { formatProject, formatWhole, loadTooling, type ToolsReport } from "../../pipeline/format.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError } from "../render/error.ts";
import { renderTools } from "../render/tools.ts";

export interface FmtFlags extends GlobalFlags {
  readonly check: boolean;
  readonly staged: boolean;
}

export interface LintFlags extends GlobalFlags {
  readonly fix: boolean;
  readonly staged: boolean;
}

export async function fmt(this: Cli, flags: FmtFlags, ...paths: string[]): Promise<void> {
  await work(this, flags, { kind: "format", fix: !flags.check, staged: flags.staged }, paths);
}

export async function lint(this: Cli, flags: LintFlags, ...paths: string[]): Promise<void> {
  await work(this, flags, { kind: "lint", fix: flags.fix, staged: flags.staged }, paths);
}

// --- internal ---

interface What {
  readonly kind: "format" | "lint";
  readonly fix: boolean;
  readonly staged: boolean;
}

async function work(cli: Cli, flags: GlobalFlags, what: What, paths: readonly string[]): Promise<void> {
  const project = openProject(cli, flags);
  const inside = paths.map((path) => insideOf(project.root, resolve(cli.cwd, path), path));
  const report = await withProgress(cli, flags, async ({ emit }) => {
    const work = { emit, signal: cli.signal };
    if (what.kind === "format" && !what.staged && paths.length === 0) return formatWhole(project, what, work);
    return formatProject(await loadTooling(project, work), { ...what, paths: inside }, work);
  });
  sayMissing(cli, flags, report);
  writeResult(cli, flags, what.kind === "format" ? "fmt" : "lint", forJson(report), (options) =>
    renderTools(report, { ...options, ...what, verbose: flags.verbose }),
  );
  cli.exitCode = report.findings.length + report.missing.length > 0 ? 1 : 0;
}

/** @throws UsageError for a path that is not in the project */
function insideOf(root: string, path: string, given: string): string {
  const inside = relative(root, path);
  if (inside.startsWith("..")) throw new UsageError(`"${given}" is not in the project "${root}"`);
  return inside;
}

function sayMissing(cli: Cli, flags: GlobalFlags, { missing }: ToolsReport): void {
  for (const error of missing) cli.process.stderr.write(renderError(error, textOptions(cli, flags, "stderr")));
}

function forJson({ missing, programs: _, ...report }: ToolsReport): object {
  return { ...report, missing: missing.map(({ message, hint }) => ({ message, hint })) };
}
