import { CancelledError, NixError, type SourcePosition } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { EvaluationError } from "../model/evaluation.ts";
import type { Emit } from "../report/events.ts";
import { nixArgv } from "./args.ts";
import { evaluationError } from "./evaluation-error.ts";
import type { NixTool } from "./find.ts";
import { readNixLog } from "./log-reader.ts";
import type { Network } from "./network.ts";
import { watchedExpression } from "./watched.ts";

/** Where and with what an expression is evaluated. */
export interface EvalContext {
  readonly nix: NixTool;
  readonly network: Network;
  /** The folder of the flake, absolute. */
  readonly stage: string;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
  /** A locked reference to the flake: its `self` is watched then (`watched.ts`). */
  readonly watched?: string;
  /** What is evaluated instead of the output of the flake. */
  readonly expression?: string;
  /** For a flake that floe did not write: Nix text for what stands for an output of it. */
  readonly outputs?: (output: string, isUnchecked?: boolean) => string;
  /** The memory that nix begins with, in bytes: with more it looks less often for what can be freed. Absent: as nix likes. */
  readonly heapBytes?: number | undefined;
  /** Called when nix has been started. */
  readonly onStart?: (() => void) | undefined;
}

/** What a `nix eval` printed, or why it failed. */
export type EvalResult =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly error: EvaluationError;
      readonly argv: readonly string[];
      readonly exitCode: number | null;
    };

/**
 * Applies a function, written in Nix, to an output of the flake. The flake is named `path:.` from inside its folder, the one form that
 * every release takes whatever characters the folder's path has.
 * @throws CancelledError, MissingError as `run` does.
 */
export function evalFloe(context: EvalContext, apply: string): Promise<EvalResult> {
  return evalOutput(context, "floe", apply);
}

/** The same for any output of the flake. */
export async function evalOutput(context: EvalContext, output: string, apply: string): Promise<EvalResult> {
  const log = readNixLog(context.emit);
  const expression = expressionFor(context, output, apply);
  const argv: [string, ...string[]] = [
    ...nixArgv(context.nix, context.network),
    ...["--option", "eval-cache", "false", "--log-format", "internal-json", "--show-trace"],
    ...["eval", "--json", "--no-update-lock-file"],
    ...(expression === undefined ? [`path:.#${output}`, "--apply", apply] : ["--expr", expression]),
  ];
  const running = run(argv, {
    cwd: context.stage,
    ...(context.heapBytes === undefined ? {} : { env: { GC_INITIAL_HEAP_SIZE: String(context.heapBytes) } }),
    signal: context.signal,
    // Old releases do not listen while they compute, and an evaluation has nothing to lose.
    graceMs: 1_000,
    plainLocale: true,
    onStderrLine: log.onLine,
  });
  context.onStart?.();
  const result = await running;
  if (result.exitCode === 0) return { ok: true, value: JSON.parse(result.stdout) };
  if (context.signal?.aborted) throw new CancelledError("Cancelled while nix evaluated the fleet");
  const ended = result.exitCode === null ? [{ text: endedBy(result.signal), trace: [] }] : [];
  return {
    ok: false,
    error: evaluationError([...log.errors, ...ended], log.text(), context.stage),
    argv,
    exitCode: result.exitCode,
  };
}

/** The error for a failure that is the whole flake's. */
export function flakeError(context: EvalContext, failure: EvalResult & { ok: false }): NixError {
  const { file, line, column, message, log } = failure.error;
  const at: SourcePosition | undefined =
    file !== undefined && line !== undefined ? { file, line, column: column ?? 1 } : undefined;
  return new NixError(
    `Cannot evaluate the flake${file === undefined ? "" : `: ${at === undefined ? file : `${file}:${line}`}`}: ${message}`,
    {
      at,
      hint: hintFor(context, failure.error),
      details: {
        phase: "eval",
        argv: failure.argv,
        exitCode: failure.exitCode,
        stderr: log.split("\n").slice(-40).join("\n"),
      },
    },
  );
}

// --- internal ---

/** Undefined where the output of the flake in the folder can be asked for by its name. */
function expressionFor({ watched, expression, outputs }: EvalContext, output: string, apply: string) {
  if (watched !== undefined) return watchedExpression(watched, output, apply);
  return expression ?? (outputs && `(${apply}) (${outputs(output)})`);
}

function hintFor({ network }: EvalContext, { message, log }: EvaluationError): string | undefined {
  if (/out of memory|bad_alloc/i.test(message))
    return "Close other programs, or evaluate on a machine with more memory";
  if (!isFetching(log) || network.online) return undefined;
  return `There is no network (${network.reason}), and an input of the flake is not in the store yet: go online once`;
}

/** True when nix was getting an input of the flake. */
function isFetching(log: string): boolean {
  return /while (fetching the input|updating the (flake )?input)/.test(log);
}

function endedBy(signal: NodeJS.Signals | null): string {
  return signal === "SIGKILL"
    ? "nix was killed, perhaps because the memory ran out (out of memory)"
    : `nix was ended by ${signal}`;
}
