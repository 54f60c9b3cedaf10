/** Questions to the flake beside the one for its derivations: options, and their values. */
import { join } from "node:path";
import type { TakenOver } from "../model/taken-over.ts";
import type { Emit } from "../report/events.ts";
import { withFileLock } from "../util/file-lock.ts";
import { type EvalContext, type EvalResult, evalOutput } from "./eval.ts";
import { inExistingFlake } from "./evaluate-flake.ts";
import { toProjectPaths } from "./evaluation-error.ts";
import type { NixTool } from "./find.ts";
import { lockProject, needsLock } from "./lock.ts";
import { checkNetwork } from "./network.ts";
import { stageProject } from "./stage.ts";
import { evalUnchecked } from "./unchecked.ts";

export interface AskOptions {
  readonly nix: NixTool;
  /** The project's folder, absolute; its flake is written already. */
  readonly root: string;
  readonly cacheDir: string;
  /** The flake is not floe's: where the parts are in it. */
  readonly taken?: TakenOver | undefined;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** What one can ask about. */
export type AskedOutput = "nixosConfigurations" | "homeConfigurations" | "formatter";

/** The machines of a project, evaluated as far as one asks: each function is Nix text and is given all of an output, `nixosConfigurations` if not said. */
export interface Asking {
  /** Of everything that is evaluated. */
  readonly stageHash: string;
  ask(fn: string, output?: AskedOutput): Promise<EvalResult>;
  /** The same of machines that may set options which do not exist. */
  askUnchecked(fn: string, output?: AskedOutput): Promise<EvalResult>;
  /** A file as nix names it, relative to the project where it lies in it. */
  fileName(path: string): string;
}

/** Stages the project, then asks as often as `work` wants. @throws CancelledError, NixError when the inputs cannot be locked */
export async function askMachines<T>(options: AskOptions, work: (asking: Asking) => Promise<T>): Promise<T> {
  const { nix, root, cacheDir, taken, emit, signal } = options;
  return withFileLock(join(cacheDir, "evaluate.lock"), { signal }, async () => {
    const stage = await stageProject({ root, emit, signal });
    const plain: EvalContext = { nix, network: await checkNetwork(nix), stage: stage.path, emit, signal };
    let context = await inExistingFlake(plain, taken);
    const ask = async (fn: string, output: AskedOutput = "nixosConfigurations"): Promise<EvalResult> => {
      const first = await evalOutput(context, output, fn);
      if (!needsLock(first)) return first;
      await lockProject({ ...plain, root });
      await stageProject({ root, emit, signal });
      context = await inExistingFlake(plain, taken);
      return evalOutput(context, output, fn);
    };
    const askUnchecked = (fn: string, output: AskedOutput = "nixosConfigurations") =>
      evalUnchecked(context, output, fn);
    return work({ stageHash: stage.hash, ask, askUnchecked, fileName: (path) => toProjectPaths(path, stage.path) });
  });
}
