import type { FloeError, NixError } from "../../errors.ts";
import type { Evaluation, ImageDerivations } from "../../model/evaluation.ts";
import { type BuildOutcome, type BuildRequest, build as buildAll, evaluate, load, writeFlake } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { evaluationProblems } from "../problems.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError, renderProblem } from "../render/error.ts";
import { select } from "../selectors.ts";
import { sayWritten } from "../written.ts";

export async function build(this: Cli, flags: GlobalFlags, ...selectors: string[]): Promise<void> {
  const project = openProject(this, flags);
  const { evaluation, outcomes } = await withProgress(
    this,
    flags,
    async ({ emit }) => {
      const work = { emit, signal: this.signal };
      const fleet = await load(project, work);
      const { hosts, images } = select(fleet, selectors);
      sayWritten(await writeFlake(fleet, work), project.root, emit);
      const evaluation = await evaluate(fleet, { hosts: [...hosts], containers: [...images], shells: [] }, work);
      return { evaluation, outcomes: await buildAll(fleet, requestsOf(evaluation), work) };
    },
    { streamJson: true },
  );
  const problems = evaluationProblems(evaluation, flags);
  const built = outcomes.filter((outcome) => outcome.ok);
  const options = textOptions(this, flags, "stderr");
  for (const problem of problems)
    this.process.stderr.write(`${renderProblem(problem, { ...options, withFrames: true }).join("\n")}\n`);
  for (const outcome of outcomes) if (!outcome.ok) this.process.stderr.write(renderError(outcome.error, options));
  writeResult(this, flags, "build", { outputs: outcomes.map(toOutput), problems }, () =>
    built.map(({ outPath }) => `${outPath}\n`).join(""),
  );
  this.exitCode = problems.length === 0 && built.length === outcomes.length ? 0 : 1;
}

// --- internal ---

/** Hosts by their name; of an image its root file system by its name, its metadata as `NAME-metadata`, like the flake's outputs; or its system. */
function requestsOf(evaluation: Evaluation): BuildRequest[] {
  const hosts = Object.entries(evaluation.hosts).flatMap(([name, host]) => (host.ok ? [{ name, ...host.value }] : []));
  const images = Object.entries(evaluation.images).flatMap(([name, image]) =>
    image.ok ? requestsOfImage(name, image.value) : [],
  );
  return [...hosts, ...images];
}

/** What an update in place needs is the system; its image is for new roots. */
function requestsOfImage(name: string, { rootfs, metadata, inPlace }: ImageDerivations): BuildRequest[] {
  if (inPlace !== undefined) return [{ name: `${name}-system`, ...inPlace.toplevel }];
  return [
    { name, ...rootfs },
    { name: `${name}-metadata`, ...metadata },
  ];
}

function toOutput(outcome: BuildOutcome): object {
  const { name, drvPath, outPath } = outcome;
  return outcome.ok
    ? { name, drvPath, outPath, ok: true, built: outcome.built }
    : { name, drvPath, outPath, ok: false, error: describe(outcome.error) };
}

function describe(error: NixError): object {
  const { code, message, hint, details } = error satisfies FloeError;
  return { code, message, ...(hint === undefined ? {} : { hint }), details };
}
