import { resolve } from "node:path";
import type { PartChange } from "../../ci/comparison.ts";
import { hasToBuild } from "../../ci/comparison.ts";
import { FloeError, UsageError } from "../../errors.ts";
import { type Evaluation, type ImageDerivations, partsOf } from "../../model/evaluation.ts";
import type { Fleet } from "../../model/fleet.ts";
import {
  type BuildRequest,
  build as buildAll,
  buildHosts,
  compareWith,
  evaluate,
  type FleetNames,
  homeBuildName,
  load,
  makeDevShell,
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
import { type Selection, select } from "../selectors.ts";
import { sayWritten } from "../written.ts";

export interface BuildFlags extends GlobalFlags {
  readonly buildOn?: "here" | "target";
  readonly changedSince?: string;
  readonly noPush: boolean;
  readonly pushKey?: string;
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
      const selected = select(fleet, selectors, { withHomes: true });
      sayWritten(await writeFlake(fleet, work), project.root, emit);
      const evaluation =
        flags.changedSince === undefined
          ? await evaluate(fleet, namesOf(selected), work)
          : await changedSince(fleet, flags.changedSince, selectors, work);
      await buildShells(fleet, evaluation, work);
      const there = flags.buildOn === "target" ? await buildThere(this, fleet, evaluation, progress) : [];
      const here = flags.buildOn === "target" ? { ...evaluation, hosts: {} } : evaluation;
      const outcomes: Built[] = await buildAll(fleet, requestsOf(here), work);
      const paths = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.outPath] : []));
      const isPushed = flags.noPush || (await pushBuilt(withKey(this, fleet, flags.pushKey), paths, work));
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

function namesOf({ hosts, images, homes }: Selection): FleetNames {
  return { hosts: [...hosts], containers: [...images], homes: [...homes], shells: [] };
}

/** Of what is selected, what nix would build differently than at another commit; without selectors shells as well. */
async function changedSince(fleet: Fleet, ref: string, selectors: readonly string[], work: Work): Promise<Evaluation> {
  const { hosts, images, homes } = select(fleet, selectors, { withHomes: true });
  const { comparison, evaluation } = await compareWith(fleet, ref, work);
  const { parts, base } = comparison;
  const isAll = selectors.length === 0;
  const pick = <T>(kind: string, group: Readonly<Record<string, T>> = {}, among?: ReadonlySet<string>) => {
    const changed = new Set(parts.filter((part) => part.kind === kind && isOfInterest(part)).map(({ name }) => name));
    return Object.fromEntries(
      Object.entries(group).filter(([name]) => changed.has(name) && (among?.has(name) ?? isAll)),
    );
  };
  const chosen: Evaluation = {
    hosts: pick("host", evaluation.hosts, hosts),
    images: pick("container", evaluation.images, images),
    homes: pick("home", evaluation.homes, homes),
    shells: pick("shell", evaluation.shells),
  };
  const count = partsOf(chosen).length;
  const than = base.problem ?? `the same as at ${base.commit?.slice(0, 7)}`;
  work.emit({
    type: "message",
    level: "info",
    text:
      base.problem === undefined
        ? `${count} of ${parts.length} to build, the others are ${than}`
        : `All is new: ${than}`,
  });
  return chosen;
}

/** What does not evaluate is a problem to be told. */
function isOfInterest(part: PartChange): boolean {
  return hasToBuild(part) || part.state === "broken";
}

/** A shell itself is nothing to build: what it is made of is. */
async function buildShells(fleet: Fleet, { shells }: Evaluation, work: Work): Promise<void> {
  for (const [name, shell] of Object.entries(shells))
    if (shell.ok) {
      const isDefault = Object.keys(fleet.shells).length === 1 || name === "default";
      await makeDevShell(fleet, { name, isDefault, derivation: shell.value, lookedAt: 0 }, work);
    }
}

/** @throws UsageError when the fleet names no cache */
function withKey(cli: Cli, fleet: Fleet, file: string | undefined): Fleet {
  if (file === undefined) return fleet;
  if (fleet.pushTo === undefined)
    throw new UsageError("--push-key is for the fleet's caches, and it names none", {
      hint: 'Name one in floe.config.ts: caches: { push: [{ url: "s3://bucket", key: "/etc/nix/cache-key" }] }',
    });
  const key = resolve(cli.cwd, file);
  return { ...fleet, pushTo: fleet.pushTo.map((cache) => ({ ...cache, key })) };
}

/** Hosts on their own machines; what is built stays there. */
async function buildThere(cli: Cli, fleet: Fleet, evaluation: Evaluation, progress: Progress): Promise<Built[]> {
  const work: Work = { emit: progress.emit, signal: cli.signal };
  const ask = passwordQuestions(cli);
  const hosts = Object.keys(evaluation.hosts).flatMap((name) => fleet.hosts[name] ?? []);
  const open = await openHosts(fleet, hosts, (question) => progress.hold(() => ask(question)), work);
  try {
    const built = await buildHosts(fleet, evaluation, open, { on: "target" }, work);
    return requestsOf({ ...evaluation, images: {}, homes: {} }).map((request) => {
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

/** Hosts by their name; of an image its root file system by its name, its metadata as `NAME-metadata`, like the flake's outputs; or its system; homes as `home:me@laptop`. */
function requestsOf(evaluation: Evaluation): BuildRequest[] {
  const hosts = Object.entries(evaluation.hosts).flatMap(([name, host]) => (host.ok ? [{ name, ...host.value }] : []));
  const images = Object.entries(evaluation.images).flatMap(([name, image]) =>
    image.ok ? requestsOfImage(name, image.value) : [],
  );
  const homes = Object.entries(evaluation.homes ?? {}).flatMap(([name, home]) =>
    home.ok ? [{ name: homeBuildName(name), ...home.value }] : [],
  );
  return [...hosts, ...images, ...homes];
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
