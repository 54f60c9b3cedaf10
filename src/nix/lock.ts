/** flake.lock: kept by nix, in the project. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { writeFileWhole } from "../util/files.ts";
import { nixArgv } from "./args.ts";
import type { EvalContext, EvalResult } from "./eval.ts";
import { evaluationError } from "./evaluation-error.ts";
import { isExistingFlake } from "./existing-flake.ts";
import { type NixLogReader, readNixLog } from "./log-reader.ts";
import { forgetStage } from "./stage.ts";
import { flakeInStage } from "./staged-flake.ts";

/**
 * True when an evaluation failed because flake.lock lacks an input that flake.nix declares, or has one too many. Nix may stumble over
 * getting the input before it says so.
 */
export function needsLock(result: EvalResult): boolean {
  return (
    !result.ok &&
    /requires lock file changes|while updating the lock file of flake|cannot update (?:unlocked )?flake input .* in pure mode/.test(
      result.error.log,
    )
  );
}

/**
 * Lets nix bring flake.lock up to date in the stage, and copies it into the project. Inputs that are locked already stay as they are. The
 * network is needed only for inputs that come from it. The stage must be made anew afterwards.
 * @throws NixError when an input cannot be fetched.
 */
export async function lockProject(context: EvalContext & { readonly root: string }): Promise<void> {
  const { nix, network, stage, signal } = context;
  const log = readNixLog(context.emit);
  // Killed after this, the next stage must not take nix's new file for the project's.
  forgetStage(context.root);
  const flags = ["--log-format", "internal-json", "--show-trace"];
  const { url, cwd } = await flakeInStage(context);
  const argv: [string, ...string[]] = [...nixArgv(nix, network), ...flags, "flake", "lock", url];
  const { exitCode } = await run(argv, { cwd, signal, plainLocale: true, onStderrLine: log.onLine });
  if (exitCode !== 0) throw lockFailure(context, log, { argv, exitCode });
  keepLock(stage, context.root);
}

/** Copies the lock that nix wrote in the stage into the project. */
export function keepLock(stage: string, root: string): void {
  const staged = join(stage, "flake.lock");
  const kept = join(root, "flake.lock");
  if (!existsSync(staged) || (existsSync(kept) && readFileSync(kept).equals(readFileSync(staged)))) return;
  writeFileWhole(kept, readFileSync(staged));
}

/** Why nix could not lock an input, in the user's words. */
export function lockFailure(
  context: EvalContext,
  log: NixLogReader,
  facts: { readonly argv: readonly string[]; readonly exitCode: number | null },
): NixError {
  const { message } = evaluationError(log.errors, log.text(), context.stage);
  const input = /while updating the (?:flake )?input '([^']+)'/.exec(log.text())?.[1];
  const what = input === undefined ? "the flake's inputs" : `the input "${input}"`;
  const git = /^fatal: (.*)$/m.exec(log.text())?.[1];
  return new NixError(`Cannot lock ${what}: ${git === undefined ? message : `git says: ${git}`}`, {
    hint: lockHint(context, log.text()),
    details: { phase: "lock", ...facts, input, stderr: log.text().split("\n").slice(-40).join("\n") },
  });
}

// --- internal ---

function lockHint({ network, stage }: EvalContext, log: string): string {
  const isFolder = /while fetching the input '(?:git\+file|path):/.test(log);
  const isRemote =
    !isFolder &&
    /download|resolve host|connect|timed? ?out|git repository|'(github|gitlab|sourcehut|git\+|https?):/i.test(log);
  if (!isRemote) return `Check \`inputs\` in ${isExistingFlake(stage) ? "flake.nix" : "floe.config.ts"}`;
  if (network.online) return "Check the input's address and the network, then repeat the command";
  return `There is no network (${network.reason}), and this input must be fetched once: go online and repeat the command`;
}
