/** stage, and the evaluation of that snapshot when it was made before. */
import { join } from "node:path";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import { takenOver } from "../model/taken-over.ts";
import { evaluationKey, type FleetNames, recallEvaluation as readEvaluation } from "../nix/evaluation-cache.ts";
import { takenOverKey } from "../nix/source-revision.ts";
import { type Stage, sayWaiting, stageProject } from "../nix/stage.ts";
import { withFileLock } from "../util/file-lock.ts";
import { nixOf } from "./nix-of.ts";
import { cacheDir, type Work } from "./work.ts";

/** An evaluation that was made before of the project as it is now on disk; undefined when there is none. Starts no nix but for its version. */
export async function recallEvaluation(fleet: Fleet, names: FleetNames, work: Work): Promise<Evaluation | undefined> {
  return evaluationOf(await stageAlone(fleet.root, work), fleet, names);
}

/** The snapshot, made while no other floe makes it. */
export async function stageAlone(root: string, { emit, signal }: Work): Promise<Stage> {
  return withFileLock(join(cacheDir(root), "evaluate.lock"), { signal, onWait: sayWaiting(emit) }, () =>
    stageProject({ root, emit, signal }),
  );
}

export async function evaluationOf({ hash }: Stage, fleet: Fleet, names: FleetNames): Promise<Evaluation | undefined> {
  const cache = cacheDir(fleet.root);
  const [nix, flake] = await Promise.all([nixOf(fleet).catch(() => undefined), takenOverKey(takenOver(fleet))]);
  return nix && readEvaluation(cache, evaluationKey(hash, nix.version, names, flake));
}
