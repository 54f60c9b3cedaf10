/** One command to a machine, with one ssh. */
import { randomBytes } from "node:crypto";
import { CancelledError, ConnectionError, ExecError } from "../errors.ts";
import { type RunResult, run } from "../exec/run.ts";
import { stdinOf } from "./input.ts";
import { LONGEST_ARGUMENT, remoteCommand } from "./shell.ts";
import { quietEnv } from "./ssh-options.ts";
import type { TransportOptions } from "./transport.ts";

export type Argv = readonly [string, ...string[]];

export interface Destination {
  readonly destination: string;
  /** The options that every ssh gets. */
  readonly base: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface Way {
  /** Further options. */
  readonly way: readonly string[];
  /** Called when the other side says that the command begins. */
  readonly onBegin?: () => void;
  /** Milliseconds until then; afterwards it is ended. */
  readonly withinMs?: number;
}

export interface Sent {
  /** Undefined: ended because it did not begin. */
  readonly result: RunResult | undefined;
  /** The end is the command's own, not ssh's. */
  readonly isHeard: boolean;
  /** False: something else ran in its place. */
  readonly hasRun: boolean;
}

/** Runs ssh to its end. @throws ConnectionError when it takes too long or is too long, CancelledError */
export async function sendCommand(
  to: Destination,
  argv: Argv,
  options: TransportOptions,
  { way, onBegin, withinMs }: Way,
): Promise<Sent> {
  const id = `floe-${randomBytes(8).toString("hex")}`;
  const [begin, end] = [onBegin && `${id}-begin`, `${id}-end`];
  const args = [...to.base, ...way, "--", to.destination, commandOf(to, argv, end, begin)];
  const silence = withinMs === undefined ? undefined : watchSilence(withinMs, options.signal);
  let hasBegun = false;
  const onStderrLine = (line: string): void => {
    if (begin !== undefined && !hasBegun && line.includes(begin)) {
      hasBegun = true;
      silence?.stop();
      onBegin?.();
    }
    const own = line.replace(begin ?? end, "").replace(end, "");
    if (own !== "" || own === line) options.onStderrLine?.(own);
  };
  try {
    const given = { ...options, signal: silence?.signal ?? options.signal, onStderrLine };
    const result = await runSsh(to, args, given, withinMs === undefined ? {} : { graceMs: 200 });
    const isHeard = result.exitCode !== null && (result.exitCode !== 255 || result.stderr.includes(end));
    const stderr = withoutMarks(result.stderr, begin, end);
    return { result: { ...result, stderr }, isHeard, hasRun: begin === undefined || hasBegun };
  } catch (error) {
    if (!(error instanceof CancelledError) || options.signal?.aborted || !silence?.signal.aborted) throw error;
    return { result: undefined, isHeard: false, hasRun: false };
  } finally {
    silence?.stop();
  }
}

// --- internal ---

function commandOf({ destination }: Destination, argv: Argv, end: string, begin: string | undefined): string {
  const command = remoteCommand(argv, end, begin);
  if (command.length < LONGEST_ARGUMENT) return command;
  throw new ConnectionError(`The command "${argv[0]}" for ${destination} is too long: ${command.length} bytes`, {
    hint: "Give the long part of it as input",
    details: { where: destination },
  });
}

async function runSsh(
  { destination, env }: Destination,
  args: readonly string[],
  { input, output, signal, timeoutMs, onStdoutLine, onStderrLine }: TransportOptions,
  further: { readonly graceMs?: number },
): Promise<RunResult> {
  const options = { ...stdinOf(input), env: quietEnv(env), stdout: output, signal, timeoutMs };
  try {
    return await run(["ssh", ...args], { ...options, ...further, onStdoutLine, onStderrLine });
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    throw new ConnectionError(`A command on ${destination} took longer than ${timeoutMs} ms`, {
      cause: error,
      details: { where: destination, timedOut: true },
    });
  }
}

/** Fires when it is not stopped in time. */
function watchSilence(
  ms: number,
  signal: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), ms);
  const both = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
  return { signal: both, stop: () => clearTimeout(timer) };
}

/** Also without what ssh says when another floe has just made the shared connection: then it has one of its own. */
function withoutMarks(stderr: string, begin: string | undefined, end: string): string {
  const text = begin === undefined ? stderr : stderr.replace(`${begin}\n`, "");
  return text.replace(`${end}\n`, "").replace(/^ControlSocket \S+ already exists, disabling multiplexing\r?\n/m, "");
}
