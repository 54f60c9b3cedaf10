import { checkProject } from "../../check/check-project.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderCheck } from "../render/check.ts";

export async function check(this: Cli, flags: GlobalFlags): Promise<void> {
  const project = openProject(this, flags);
  const report = await withProgress(this, flags, ({ emit }) => checkProject(project, { emit, signal: this.signal }));
  writeResult(this, flags, "check", report, (options) => renderCheck(report, options));
  this.exitCode = report.ok ? 0 : 1;
}
