import { FloeError } from "../../errors.ts";
import type { Evaluation, ImageDerivations } from "../../model/evaluation.ts";
import type { Fleet } from "../../model/fleet.ts";
import {
  type BuildRequest,
  build as buildAll,
  buildHosts,
  evaluate,
  load,
  openHosts,
  pushBuilt,
  type Work,
  writeFlake,
} from "../../pipeline.ts";
import { passwordQuestions } from "../ask-password.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { evaluationProblems } from "../problems.ts";
import { type Progress, withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError, renderProblem } from "../render/error.ts";
import { select } from "../selectors.ts";
import { sayWritten } from "../written.ts";

export interface BuildFlags extends GlobalFlags {
  readonly buildOn?: "here" | "target";
}

/** Something that was to be built. */
type Built = BuildRequest &
  ({ readonly ok: true; readonly built: boolean } | { readonly ok: false; readonly error: FloeError });

export async function build(this: Cli, flags: BuildFlags, ...selectors: string[]): Promise<void> {
  const project = openProject(this, flags);
  const { evaluation, outcomes, isPushed } = await withProgress(
    this,
    flags,
    async (progress) => {
      const { emit } = progress;
      const work = { emit, signal: this.signal };
      const fleet = await load(project, work);
      const { hosts, images } = select(fleet, selectors);
      sayWritten(await writeFlake(fleet, work), project.root, emit);
      const evaluation = await evaluate(fleet, { hosts: [...hosts], containers: [...images], shells: [] }, work);
      const there = flags.buildOn === "target" ? await buildThere(this, fleet, evaluation, progress) : [];
      const here = flags.buildOn === "target" ? { ...evaluation, hosts: {} } : evaluation;
      const outcomes: Built[] = await buildAll(fleet, requestsOf(here), work);
      const paths = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.outPath] : []));
      const isPushed = await pushBuilt(fleet, paths, work);
      return { evaluation, outcomes: [...there, ...outcomes], isPushed };
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
  this.exitCode = problems.length === 0 && built.length === outcomes.length && isPushed ? 0 : 1;
}

// --- internal ---

/** Hosts on their own machines; what is built stays there. */
async function buildThere(cli: Cli, fleet: Fleet, evaluation: Evaluation, progress: Progress): Promise<Built[]> {
  const work: Work = { emit: progress.emit, signal: cli.signal };
  const ask = passwordQuestions(cli);
  const hosts = Object.keys(evaluation.hosts).flatMap((name) => fleet.hosts[name] ?? []);
  const open = await openHosts(fleet, hosts, (question) => progress.hold(() => ask(question)), work);
  try {
    const built = await buildHosts(fleet, evaluation, open, { on: "target" }, work);
    return requestsOf({ ...evaluation, images: {} }).map((request) => {
      const one = open.machines.get(request.name);
      const outcome = one instanceof FloeError ? one : built.get(request.name);
      return outcome instanceof FloeError
        ? { ...request, ok: false, error: outcome }
        : { ...request, ok: true, built: true };
    });
  } finally {
    await open.close();
  }
}

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

function toOutput(outcome: Built): object {
  const { name, drvPath, outPath } = outcome;
  return outcome.ok
    ? { name, drvPath, outPath, ok: true, built: outcome.built }
    : { name, drvPath, outPath, ok: false, error: describe(outcome.error) };
}

function describe({ code, message, hint, details }: FloeError): object {
  return { code, message, ...(hint === undefined ? {} : { hint }), details };
}
