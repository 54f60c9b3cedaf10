import { hasDifferences } from "../../ci/comparison.ts";
import { UsageError } from "../../errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import { ci, compareWith, hasFlakeFormatter, load, prepare, recall, type Work } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { commentMarker, markdown, renderComparison } from "../render/ci.ts";
import { sayWritten } from "../written.ts";

export interface DiffFlags extends GlobalFlags {
  readonly markdown: boolean;
  readonly exitCode: boolean;
}

export interface GithubFlags extends GlobalFlags {
  readonly branch?: string;
  readonly push?: string;
  readonly flakeFormatter?: boolean;
  readonly check: boolean;
}

export async function diff(this: Cli, flags: DiffFlags, ref: string): Promise<void> {
  const { comparison, fleet } = await compare(this, flags, ref);
  writeResult(this, flags, "diff", comparison, (options) =>
    flags.markdown ? markdown(comparison, fleet.name) : renderComparison(comparison, options),
  );
  if (comparison.parts.some(({ state }) => state === "broken")) this.exitCode = 1;
  else this.exitCode = flags.exitCode && hasDifferences(comparison) ? 3 : 0;
}

export async function ciGithub(this: Cli, flags: GithubFlags): Promise<void> {
  const project = openProject(this, flags);
  const { writeWorkflow, workflowOf } = await ci();
  const { fleet, flakeFormatter } = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const nothing = () => ({ hosts: [], containers: [], shells: [] });
    const fleet = (await recall(project, nothing, work))?.fleet ?? (await load(project, work));
    return { fleet, flakeFormatter: flags.check ? undefined : await formatterChoice(fleet, flags, work) };
  });
  if (flags.check) {
    if (flags.branch !== undefined || flags.push !== undefined || flags.flakeFormatter !== undefined)
      throw new UsageError("--check takes no --branch, --push or --flake-formatter", {
        hint: "The workflow itself says how it was made",
      });
    const workflow = await workflowOf(fleet, this.signal);
    writeResult(this, flags, "ci", { workflow }, () => `${workflow.file} ${stateWords[workflow.state]}\n`);
    this.exitCode = workflow.state === "stale" || workflow.state === "absent" ? 1 : 0;
    return;
  }
  const choice = { branch: flags.branch, secret: flags.push, flakeFormatter };
  const written = await writeWorkflow(fleet, choice, this.signal);
  writeResult(
    this,
    flags,
    "ci",
    { workflow: { file: written.file, state: "current" }, isChanged: written.isChanged },
    () => (written.isChanged ? `Written: ${written.file}; commit it\n` : `${written.file} is current\n`),
  );
}

export async function ciPlan(this: Cli, flags: GlobalFlags, ref: string): Promise<void> {
  const { comparison, fleet } = await compare(this, flags, ref);
  const text = markdown(comparison, fleet.name);
  const { summary, output } = (await ci()).handOn("plan", text, this.env);
  writeResult(this, flags, "diff", comparison, (options) =>
    summary || output ? renderComparison(comparison, options) : text,
  );
}

export async function ciComment(this: Cli, flags: GlobalFlags): Promise<void> {
  const text = this.env["PLAN"]?.trim();
  if (!text)
    throw new UsageError("There is nothing to say: PLAN is empty", {
      hint: "The workflow hands it on: PLAN: ${{ needs.check.outputs.plan }}",
    });
  const marker = commentMarker(text);
  if (marker === undefined)
    throw new UsageError("PLAN is no text of floe's: its first line does not say so", {
      hint: "floe diff REF --markdown makes one",
    });
  const done = await (await ci()).comment(text, marker, this.env, this.signal);
  writeResult(this, flags, "ci-comment", done, () =>
    done.outcome === "summary"
      ? `Written to the job's summary: ${done.why}\n`
      : `Comment ${done.outcome}${done.url === "" ? "" : `: ${done.url}`}\n`,
  );
}

// --- internal ---

/** Nix is asked only where nobody says. */
async function formatterChoice(fleet: Fleet, { flakeFormatter }: GithubFlags, work: Work): Promise<boolean> {
  return flakeFormatter ?? (await hasFlakeFormatter(fleet, work));
}

const stateWords = {
  absent: "is not there; floe ci github writes it",
  current: "is current",
  stale: "is not up to date; floe synth writes it",
  edited: "was changed since floe wrote it, and is left",
  foreign: "is not floe's, and is left",
} as const;

async function compare(
  cli: Cli,
  flags: GlobalFlags,
  ref: string,
): Promise<{ readonly fleet: Fleet } & Awaited<ReturnType<typeof compareWith>>> {
  const project = openProject(cli, flags);
  return withProgress(cli, flags, async ({ emit }) => {
    const work: Work = { emit, signal: cli.signal };
    const { fleet, written, remember } = await prepare(project, work);
    if (written !== undefined) sayWritten(written, project.root, emit);
    const compared = await compareWith(fleet, ref, work);
    await remember();
    return { fleet, ...compared };
  });
}
