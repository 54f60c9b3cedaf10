import { FloeError, UsageError } from "../../errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import {
  commitUpdate,
  keepUpdate,
  load,
  type ProposedUpdate,
  proposeUpdate,
  requireCommittable,
  revertUpdate,
  synthFlake,
  type UpdateCommit,
  type Work,
  writeFlake,
} from "../../pipeline.ts";
import { canAsk, confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { withTraces } from "../problems.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderRevert, renderUpdate, type UpdateOutcome } from "../render/update.ts";
import { sayWritten } from "../written.ts";

export interface UpdateFlags extends GlobalFlags {
  readonly dryRun: boolean;
  readonly build: boolean;
  readonly keep: boolean;
  readonly commit: boolean;
  readonly revert: boolean;
  readonly force: boolean;
}

export async function update(this: Cli, flags: UpdateFlags, ...names: string[]): Promise<void> {
  refuseContradictions(flags, names);
  const project = openProject(this, flags);
  const { root } = project;
  if (flags.revert) return revert(this, flags, root);
  refuseWithoutAnswer(this, flags);
  if (flags.commit) await requireCommittable(root, this.signal);
  const made = await withProgress(this, flags, async ({ emit }): Promise<Made> => {
    const work = { emit, signal: this.signal };
    const fleet = await load(project, work);
    const written = await writeFlake(fleet, work);
    sayWritten(written, root, emit);
    const proposed = await proposeUpdate(fleet, { names, build: flags.build }, work);
    return { fleet, stale: written.stale, proposed };
  });
  await settle(this, flags, made);
}

// --- internal ---

interface Made {
  readonly fleet: Fleet;
  /** Generated files that were removed. */
  readonly stale: readonly string[];
  readonly proposed: ProposedUpdate;
}

function refuseContradictions(flags: UpdateFlags, names: readonly string[]): void {
  const { dryRun, build, keep, commit, revert, force } = flags;
  const given = Object.entries({ "--dry-run": dryRun, "--build": build, "--keep": keep, "--commit": commit });
  const [other] = given.flatMap(([flag, isGiven]) => (isGiven ? [flag] : []));
  if (revert && (names.length > 0 || other !== undefined))
    throw new UsageError(`--revert goes back as a whole, and does not go with ${other ?? `"${names[0]}"`}`);
  if (force && !revert) throw new UsageError("--force is for --revert only");
  if (dryRun && (commit || keep))
    throw new UsageError(`--dry-run keeps nothing, and does not go with ${commit ? "--commit" : "--keep"}`);
}

/** Before minutes of work, not after them. @throws UsageError */
function refuseWithoutAnswer(cli: Cli, flags: UpdateFlags): void {
  if (flags.yes || flags.dryRun || (canAsk(cli) && !flags.json)) return;
  throw new UsageError("Cannot ask whether to keep the new lock: this is no terminal", {
    hint: "Add --yes to keep it, or --dry-run to only look",
  });
}

async function revert(cli: Cli, flags: UpdateFlags, root: string): Promise<void> {
  const inputs = await revertUpdate(root, { force: flags.force, signal: cli.signal });
  writeResult(cli, flags, "update", { outcome: "reverted", inputs }, (options) => renderRevert(inputs, options));
}

/** Shows what there is, asks, keeps, commits, and says which of these came of it. */
async function settle(cli: Cli, flags: UpdateFlags, made: Made): Promise<void> {
  const { proposed } = made;
  const problems = withTraces(proposed.problems, flags);
  const isNews = proposed.lock.before !== proposed.lock.after;
  const show = (outcome: UpdateOutcome, commit?: UpdateCommit): void =>
    writeResult(
      cli,
      flags,
      "update",
      { outcome, ...forJson(proposed), problems, ...(commit && { commit }) },
      (options) => renderUpdate({ ...proposed, problems }, { ...options, outcome, commit }),
    );
  cli.exitCode = problems.length > 0 ? 1 : 0;
  if (!isNews) return show("current");
  if (flags.dryRun) return show("dry-run");
  if (problems.length > 0 && !flags.keep) return show("refused");
  const question = flags.yes || problems.length > 0 ? undefined : "Keep the new flake.lock?";
  if (question !== undefined) {
    cli.process.stderr.write(renderUpdate(proposed, { ...textOptions(cli, flags, "stderr"), outcome: "asked" }));
    if (!(await confirm(cli, flags, question))) {
      cli.process.stderr.write("Nothing was changed\n");
      cli.exitCode = 130;
      return;
    }
  }
  await keepUpdate(made.fleet, proposed);
  const commit = flags.commit ? await commitKept(cli, made, flags) : undefined;
  if (question === undefined || flags.json) show("kept", commit);
  else cli.process.stdout.write(renderUpdate(proposed, { ...textOptions(cli, flags), outcome: "answered", commit }));
}

async function commitKept(
  cli: Cli,
  { fleet, stale, proposed }: Made,
  flags: UpdateFlags,
): Promise<UpdateCommit | undefined> {
  const work: Pick<Work, "signal"> = { signal: cli.signal };
  const generated = [...(await synthFlake(fleet)).keys(), ...stale];
  try {
    return await commitUpdate(fleet, proposed, generated, work);
  } catch (error) {
    // What was found out is told all the same.
    if (error instanceof FloeError && flags.yes && !flags.json)
      cli.process.stdout.write(renderUpdate(proposed, { ...textOptions(cli, flags), outcome: "kept" }));
    throw error;
  }
}

/** The locks themselves are long, and one of them is on disk. */
function forJson({ lock: _, problems: __, parts, ...proposed }: ProposedUpdate): object {
  return {
    ...proposed,
    parts: parts.map(({ error, ...part }) => (error === undefined ? part : { ...part, message: error.message })),
  };
}
