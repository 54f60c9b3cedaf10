import { CancelledError, FloeError, UsageError } from "../../errors.ts";
import type { Fleet, Instance } from "../../model/fleet.ts";
import {
  homeHistory,
  hostHistory,
  type JournalSummary,
  type ListedGeneration,
  listGenerations,
  load,
  type MachineHistory,
  type Project,
  history as readHistory,
} from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { findInstance, openInstance } from "../instance.ts";
import { findNamed, type Named } from "../named.ts";
import { type TextOptions, writeResult } from "../output.ts";
import { openProject } from "../project.ts";
import { renderMachineGenerations } from "../render/generations.ts";
import { renderGenerations, renderHistory } from "../render/history.ts";

export interface HistoryFlags extends GlobalFlags {
  readonly packages: boolean;
}

export async function history(this: Cli, flags: HistoryFlags, text?: string): Promise<void> {
  const project = openProject(this, flags);
  const all = readHistory(project.root);
  if (text === undefined)
    return writeResult(this, flags, "history", { runs: all }, (options) =>
      renderHistory(all, { ...options, now: Date.now() }),
    );
  const wasThere = (subject: string): boolean => all.some((run) => onlyOf(run, subject).length > 0);
  const { kind, name, found } = await generationsOf(this, project, text, wasThere);
  const runs = all.flatMap((run) => onlyOf(run, subjectOf(kind, name)));
  const fields = { runs, ...documentOf(found ?? { instance: [] }) };
  writeResult(this, flags, "history", fields, (options) =>
    render(runs, found, kind, { ...options, packages: flags.packages }),
  );
}

// --- internal ---

type Generations = { readonly machine: MachineHistory } | { readonly instance: readonly ListedGeneration[] };

function documentOf(found: Generations): object {
  return "machine" in found ? found.machine : { generations: found.instance };
}

function render(
  runs: readonly JournalSummary[],
  found: Generations | undefined,
  kind: Named["kind"],
  options: TextOptions & { readonly packages: boolean },
): string {
  const at = { ...options, now: Date.now() };
  if (found !== undefined && "machine" in found) {
    const below = renderMachineGenerations(found.machine, at);
    return runs.length === 0 ? below : `${renderHistory(runs, at)}\n${below}`;
  }
  const told = kind === "instance" || runs.length > 0 ? renderHistory(runs, at) : "";
  return told + renderGenerations(found?.instance ?? [], at);
}

/** As the end of its address in the journal. */
function subjectOf(kind: Named["kind"], name: string): string {
  return kind === "instance" ? `/${name}` : `${kind}:${name}`;
}

function onlyOf(run: JournalSummary, end: string): JournalSummary[] {
  const isOf = ({ subject }: { readonly subject: string }): boolean =>
    end.startsWith("/") ? subject.endsWith(end) : subject === end;
  const changes = run.changes.filter(isOf);
  const openSteps = run.openSteps.filter(isOf);
  return changes.length + openSteps.length === 0 ? [] : [{ ...run, changes, openSteps }];
}

interface Found {
  readonly kind: Named["kind"];
  readonly name: string;
  readonly found?: Generations;
}

/**
 * The machine or server is asked, but history is told without it too: of something that is gone (`wasThere`: something was done to it), or
 * when it does not answer.
 * @throws UsageError for a name that nothing has or had
 */
async function generationsOf(
  cli: Cli,
  project: Project,
  text: string,
  wasThere: (subject: string) => boolean,
): Promise<Found> {
  const fleet = await load(project, { emit: () => {}, signal: cli.signal });
  let named: Named;
  try {
    named = findKept(fleet, text);
  } catch (error) {
    const gone = goneOf(text).find(({ kind, name }) => wasThere(subjectOf(kind, name)));
    if (gone === undefined) throw error;
    return gone;
  }
  const { kind, name } = named;
  try {
    return { kind, name, found: await ask(cli, fleet, named) };
  } catch (error) {
    if (!(error instanceof FloeError) || error instanceof UsageError || error instanceof CancelledError) throw error;
    cli.process.stderr.write(`Generations are not listed: ${error.message}\n`);
    return { kind, name };
  }
}

/** Also what floe keeps beside an instance: `web-1-failed`. @throws UsageError */
function findKept(fleet: Fleet, text: string): Named {
  try {
    return findNamed(fleet, text);
  } catch (error) {
    const name = text.replace(/^instance:/, "");
    const instance = keptInstance(fleet, name);
    // A name that means several things is no name of something that is kept.
    if (instance === undefined || instance.name === name) throw error;
    return { kind: "instance", name, instance };
  }
}

function keptInstance(fleet: Fleet, name: string): Instance | undefined {
  try {
    return findInstance(fleet, name, { allowKept: true });
  } catch {
    return undefined;
  }
}

function goneOf(text: string): { readonly kind: Named["kind"]; readonly name: string }[] {
  const [, kind, name = text] = /^(host|instance|home):(.*)$/s.exec(text) ?? [];
  const kinds = ["instance", "host", "home"] as const;
  return kinds.filter((one) => kind === undefined || one === kind).map((one) => ({ kind: one, name }));
}

async function ask(cli: Cli, fleet: Fleet, named: Named): Promise<Generations> {
  const work = { signal: cli.signal };
  if (named.kind === "host") return { machine: await hostHistory(fleet, named.host, work) };
  if (named.kind === "home") return { machine: await homeHistory(fleet, named.home, work) };
  const { client, project, name } = await openInstance(cli, fleet, named.name);
  try {
    const found = await client.getInstance(project, name, work);
    return { instance: found === undefined ? [] : listGenerations(found.value) };
  } finally {
    client.close();
  }
}
