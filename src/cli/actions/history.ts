import { type JournalSummary, history as readHistory } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { openProject } from "../project.ts";
import { renderHistory } from "../render/history.ts";

export async function history(this: Cli, flags: GlobalFlags, name?: string): Promise<void> {
  const { root } = openProject(this, flags);
  const runs = readHistory(root).flatMap((run) => (name === undefined ? [run] : onlyOf(run, name)));
  writeResult(this, flags, "history", { runs }, (options) => renderHistory(runs, { ...options, now: Date.now() }));
}

function onlyOf(run: JournalSummary, name: string): JournalSummary[] {
  const isOf = ({ subject }: { readonly subject: string }): boolean => subject.endsWith(`/${name}`);
  const changes = run.changes.filter(isOf);
  const openSteps = run.openSteps.filter(isOf);
  return changes.length + openSteps.length === 0 ? [] : [{ ...run, changes, openSteps }];
}
