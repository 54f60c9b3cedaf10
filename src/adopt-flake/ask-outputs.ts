/** One nix process that reads outputs. */
import { CancelledError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { nixArgv } from "../nix/args.ts";
import type { EvalContext } from "../nix/eval.ts";
import { readNixLog } from "../nix/log-reader.ts";
import { outputsExpression, type Question } from "./outputs-nix.ts";
import { type Failure, failureOf } from "./why.ts";

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: Failure };

/** Seconds that a server gets to take a connection. */
const CONNECT_TIMEOUT_S = "15";

/** @throws CancelledError, MissingError as `run` does */
export async function askOutputs(context: EvalContext, question: Question, mayBuild: boolean): Promise<Answer> {
  const { nix, network, stage, signal } = context;
  const log = readNixLog(context.emit);
  const argv: [string, ...string[]] = [
    ...nixArgv(nix, network),
    ...["--option", "allow-import-from-derivation", String(mayBuild), "--option", "connect-timeout", CONNECT_TIMEOUT_S],
    ...["--log-format", "internal-json", "--show-trace", "eval", "--json", "--expr", outputsExpression(question)],
  ];
  const result = await run(argv, {
    cwd: stage,
    signal,
    graceMs: 1_000,
    plainLocale: true,
    // Nobody can type a password here.
    env: { GIT_TERMINAL_PROMPT: "0" },
    onStderrLine: log.onLine,
  });
  if (result.exitCode === 0) return { ok: true, value: JSON.parse(result.stdout) };
  if (signal?.aborted) throw new CancelledError("Cancelled while the flake was read; nothing was changed");
  return { ok: false, failure: failureOf(log.errors, log.text()) };
}
