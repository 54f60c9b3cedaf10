import { type CheckReport, checkProject } from "../../check/check-project.ts";
import { watchProject } from "../../check/watch.ts";
import type { Project } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withTraces } from "../problems.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderCheck } from "../render/check.ts";
import { listed } from "../render/words.ts";

export interface CheckFlags extends GlobalFlags {
  readonly watch: boolean;
}

export async function check(this: Cli, flags: CheckFlags): Promise<void> {
  const project = openProject(this, flags);
  if (flags.watch) return watchAndCheck(this, flags, project);
  this.exitCode = (await checkOnce(this, flags, project)).ok ? 0 : 1;
}

// --- internal ---

async function checkOnce(cli: Cli, flags: GlobalFlags, project: Project): Promise<CheckReport> {
  const report = await withProgress(cli, flags, ({ emit }) => checkProject(project, { emit, signal: cli.signal }));
  const shown = { ...report, problems: withTraces(report.problems, flags) };
  writeResult(cli, flags, "check", shown, (options) => renderCheck(shown, options));
  return report;
}

/** Until the user ends it; the exit code is the last report's. */
async function watchAndCheck(cli: Cli, flags: GlobalFlags, project: Project): Promise<void> {
  const { stderr } = cli.process;
  const watching = watchProject(project.root, (file) => file === "flake.nix" || file.startsWith("nix/"), cli.signal);
  try {
    let changed: readonly string[] | undefined = [];
    while (changed !== undefined) {
      if (changed.length > 0)
        stderr.write(
          `\n${listed(changed.length > 3 ? [...changed.slice(0, 2), `${changed.length - 2} more`] : changed)} changed\n`,
        );
      const { ok, ms } = await checkOnce(cli, flags, project);
      cli.exitCode = ok ? 0 : 1;
      stderr.write(`Checked in ${ms} ms; waiting for the next change, Ctrl-C ends\n`);
      changed = await watching.next();
    }
  } finally {
    watching.close();
  }
}
