/** load → synth → write, or none of it where nothing has changed. */
import type { Project } from "../config/project-above.ts";
import { openTrace, recallFleet, rememberFleet } from "../config/recall.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { FleetNames } from "../nix/evaluation-cache.ts";
import { lastStage } from "../nix/stage.ts";
import type { FileDifferences } from "../synth/files.ts";
import { type Connections, openConnections } from "./connect.ts";
import { load } from "./load.ts";
import { imageNames } from "./names.ts";
import { evaluationOf, stageAlone } from "./recall-evaluation.ts";
import type { Work } from "./work.ts";
import { synthFlake, writeFlake } from "./write.ts";

/** A fleet that was loaded and written before, and has not changed since. */
export interface Recalled {
  readonly fleet: Fleet;
  /** Of the names asked for, when it was made before. */
  readonly evaluation: Evaluation | undefined;
}

/**
 * load, synth, write, stage and evaluate at once, from memory: when the project provably describes what it did before, none of its code is run.
 * Undefined when it has to be loaded. `onGuess` is given the fleet of last time before it is known whether it is still the one: something may be
 * begun with it, and nothing decided. @throws CancelledError
 */
export async function recall(
  project: Project,
  namesOf: (fleet: Fleet) => FleetNames,
  work: Work,
  onGuess: (fleet: Fleet) => void = () => {},
): Promise<Recalled | undefined> {
  const remembered = recallFleet(project);
  if (remembered === undefined) return undefined;
  onGuess(remembered.fleet);
  const stage = await stageAlone(project.root, work);
  if (!remembered.isOf(stage.hash)) return undefined;
  const { fleet } = remembered;
  return { fleet, evaluation: await evaluationOf(stage, fleet, namesOf(fleet)) };
}

/** A fleet whose flake files are on disk. */
export interface Prepared {
  readonly fleet: Fleet;
  /** What was written; undefined when nothing had to be looked at. */
  readonly written?: FileDifferences;
  /** Of what is to be evaluated, when it was made before. */
  readonly evaluation: Evaluation | undefined;
  /** Makes the next `recall` find this fleet, if the snapshot evaluated last is the one it was loaded from. */
  remember(): Promise<void>;
}

/**
 * recall, else load, synth, write; `namesOf` is what is to be evaluated, `onGuess` as of `recall`. @throws ConfigError, SynthError, CancelledError
 */
export async function prepare(
  project: Project,
  work: Work,
  namesOf: (fleet: Fleet) => FleetNames = imageNames,
  onGuess?: (fleet: Fleet) => void,
): Promise<Prepared> {
  const recalled = await recall(project, namesOf, work, onGuess);
  if (recalled !== undefined) return { ...recalled, remember: async () => {} };
  const trace = openTrace();
  const fleet = await load(project, work, trace);
  const written = await writeFlake(fleet, work);
  const remember = async (): Promise<void> => {
    const stage = lastStage(fleet.root);
    if (stage !== undefined) await rememberFleet(fleet, trace, stage, await synthFlake(fleet));
  };
  return { fleet, written, evaluation: undefined, remember };
}

/** `prepare` with connections to the servers, opened as soon as it can be guessed which those are; the caller closes them. */
export async function prepareConnected(
  project: Project,
  work: Work,
): Promise<Prepared & { readonly connections: Connections }> {
  let guess: { readonly fleet: Fleet; readonly connections: Connections } | undefined;
  const onGuess = (fleet: Fleet): void => {
    guess = { fleet, connections: openConnections(fleet, work.signal) };
  };
  let prepared: Prepared | undefined;
  try {
    prepared = await prepare(project, work, imageNames, onGuess);
  } finally {
    // They may be to servers that are no longer described, and do not answer.
    if (prepared?.fleet !== guess?.fleet) void guess?.connections.close();
  }
  const connections =
    prepared.fleet === guess?.fleet ? guess.connections : openConnections(prepared.fleet, work.signal);
  return { ...prepared, connections };
}
