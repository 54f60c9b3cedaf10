import { FloeError, UsageError } from "../../errors.ts";
import {
  type JournalSummary,
  type ListedGeneration,
  listGenerations,
  load,
  type Project,
  history as readHistory,
} from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { openInstance } from "../instance.ts";
import { writeResult } from "../output.ts";
import { openProject } from "../project.ts";
import { renderGenerations, renderHistory } from "../render/history.ts";

export async function history(this: Cli, flags: GlobalFlags, name?: string): Promise<void> {
  const project = openProject(this, flags);
  const runs = readHistory(project.root).flatMap((run) => (name === undefined ? [run] : onlyOf(run, name)));
  const generations = name === undefined ? [] : await generationsOf(this, project, name, runs.length > 0);
  writeResult(this, flags, "history", { runs, ...(name === undefined ? {} : { generations }) }, (options) => {
    const at = { ...options, now: Date.now() };
    return renderHistory(runs, at) + renderGenerations(generations, at);
  });
}

// --- internal ---

function onlyOf(run: JournalSummary, name: string): JournalSummary[] {
  const isOf = ({ subject }: { readonly subject: string }): boolean => subject.endsWith(`/${name}`);
  const changes = run.changes.filter(isOf);
  const openSteps = run.openSteps.filter(isOf);
  return changes.length + openSteps.length === 0 ? [] : [{ ...run, changes, openSteps }];
}

/**
 * The server is asked, but history is told without it too: of an instance that is gone (`isKnown`: something was done to it), or when
 * the server is away.
 * @throws UsageError for a name that nothing has or had
 */
async function generationsOf(cli: Cli, project: Project, name: string, isKnown: boolean): Promise<ListedGeneration[]> {
  try {
    const fleet = await load(project, { emit: () => {}, signal: cli.signal });
    const { client, project: place, name: physical } = await openInstance(cli, fleet, name);
    try {
      const found = await client.getInstance(place, physical, { signal: cli.signal });
      return found === undefined ? [] : listGenerations(found.value);
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof FloeError) || (error instanceof UsageError && !isKnown)) throw error;
    if (error instanceof UsageError) return [];
    cli.process.stderr.write(`Generations are not listed: ${error.message}\n`);
    return [];
  }
}
