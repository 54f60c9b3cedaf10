/** Runs other programs and listens to them. Nothing but this file and interactive.ts starts a process. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { CancelledError, ExecError } from "../errors.ts";
import { captureTail } from "./capture.ts";
import { adoptGroup, endGroup, GRACE_MS, signalGroup } from "./children.ts";
import { splitLines } from "./lines.ts";
import { notStarted } from "./missing.ts";

export interface RunOptions {
  readonly cwd?: string | undefined;
  /** Added to floe's own environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** True: messages in English, whatever the user's language, because floe reads them. */
  readonly plainLocale?: boolean;
  /** What the program reads: nothing (the default), a text, a stream, or floe's own stdin. */
  readonly stdin?: "ignore" | "inherit" | { readonly text: string | Uint8Array } | { readonly stream: Readable };
  /** Where stdout goes instead of being kept, as fast as it is taken; ended with it. */
  readonly stdout?: Writable | undefined;
  /** Ends the program and everything it started. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the program is ended. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds between the polite and the hard end; 5 seconds when not given. */
  readonly graceMs?: number;
  readonly onStdoutLine?: ((line: string) => void) | undefined;
  readonly onStderrLine?: ((line: string) => void) | undefined;
  /** Bytes of stdout to keep, counted from its end; 64 MiB when not given. */
  readonly keepStdout?: number;
  /** Bytes of stderr to keep, counted from its end; 1 MiB when not given. */
  readonly keepStderr?: number;
}

/** How a program ended. `exitCode` is `null` when a signal ended it. */
export interface RunResult {
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** True when the beginning of stdout or stderr was too long to keep. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/**
 * Runs a program to its end, in its own process group and without a shell. A non-zero exit is a result like any other.
 * @throws MissingError when the program is not there, CancelledError when `signal` fired, ExecError when it took longer than `timeoutMs`.
 */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  if (options.signal?.aborted) throw cancelled(argv);
  const started = performance.now();
  const child = start(argv, options);
  const stdout = captureTail(options.keepStdout ?? 64 * 1024 * 1024);
  const stderr = captureTail(options.keepStderr ?? 1024 * 1024);
  const problems: unknown[] = [];
  const stopReading = [
    options.stdout === undefined
      ? read(child.stdout, stdout.push, guard(options.onStdoutLine, child, problems))
      : passOn(child, options.stdout),
    read(child.stderr, stderr.push, guard(options.onStderrLine, child, problems)),
  ];
  const ended = watchEnd(child, options);
  let end: Ended;
  try {
    end = await ended;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall?.startsWith("spawn") ? notStarted(argv, options.cwd, error) : error;
  }
  for (const flush of stopReading) flush();
  if (problems.length > 0) throw problems[0];
  if (end.why === "cancelled") throw cancelled(argv);
  const result: RunResult = {
    argv,
    exitCode: end.exitCode,
    signal: end.signal,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated || stderr.truncated,
    durationMs: performance.now() - started,
  };
  if (end.why === "timeout")
    throw failed(result, `"${argv[0]}" took longer than ${options.timeoutMs} ms and was ended`);
  return result;
}

/** As `run`, for a program whose failure is floe's failure. @throws ExecError when the exit code is not 0, and what `run` throws. */
export async function runOk(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(argv, options);
  if (result.exitCode === 0) return result;
  throw failed(result, `"${argv.join(" ")}" ${describeEnd(result)}`);
}

// --- internal ---

interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly why: "exit" | "cancelled" | "timeout";
}

function start(argv: readonly [string, ...string[]], options: RunOptions): ChildProcess {
  const stdin = options.stdin ?? "ignore";
  const child = spawn(argv[0], argv.slice(1), {
    cwd: options.cwd,
    env: environment(options),
    stdio: [typeof stdin === "string" ? stdin : "pipe", "pipe", "pipe"],
    detached: true,
  });
  adoptGroup(child);
  if (typeof stdin === "object") {
    // A program may end without reading all of its input; its exit code tells the story, not the broken pipe.
    child.stdin?.on("error", () => undefined);
    if ("text" in stdin) child.stdin?.end(stdin.text);
    else if (child.stdin !== null) stdin.stream.pipe(child.stdin);
  }
  return child;
}

function environment(options: RunOptions): NodeJS.ProcessEnv {
  return { ...process.env, ...options.env, ...(options.plainLocale ? { LC_ALL: "C", LANGUAGE: undefined } : {}) };
}

/** Feeds a stream into the capture and the line callback. Returns what flushes the last, unfinished line. */
function read(
  stream: NodeJS.ReadableStream | null,
  keep: (chunk: Buffer) => void,
  onLine?: (line: string) => void,
): () => void {
  const lines = onLine && splitLines(onLine);
  stream?.on("data", (chunk: Buffer) => {
    keep(chunk);
    lines?.push(chunk);
  });
  return () => lines?.end();
}

/** Hands stdout to a stream. When nobody takes it any more the rest is thrown away, or the program would wait for ever. */
function passOn({ stdout }: ChildProcess, to: Writable): () => void {
  if (stdout === null) return () => undefined;
  stdout.pipe(to);
  to.once("close", () => {
    stdout.unpipe(to);
    stdout.resume();
  });
  return () => undefined;
}

/** A callback that throws must not leave the program running unwatched: its error ends the program and is thrown by `run`. */
function guard(
  onLine: RunOptions["onStdoutLine"],
  child: ChildProcess,
  problems: unknown[],
): RunOptions["onStdoutLine"] {
  return (
    onLine &&
    ((line) => {
      if (problems.length > 0) return;
      try {
        onLine(line);
      } catch (error) {
        problems.push(error);
        if (child.pid !== undefined) signalGroup(child.pid, "SIGTERM");
      }
    })
  );
}

/** Waits until the program and its output have ended, ending it early when asked. */
function watchEnd(child: ChildProcess, options: RunOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let why: Ended["why"] = "exit";
    let spare: () => void = () => undefined;
    const end = (reason: Ended["why"]) => {
      if (why !== "exit" || child.pid === undefined) return;
      why = reason;
      spare = endGroup(child.pid, options.graceMs ?? GRACE_MS);
    };
    const onAbort = () => end("cancelled");
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => end("timeout"), options.timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      spare();
      options.signal?.removeEventListener("abort", onAbort);
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("exit", () => {
      // A process outside the group may hold the output open; after an early end floe does not wait for it.
      if (why !== "exit") setTimeout(() => closeOutput(child), 200).unref();
    });
    child.once("close", (exitCode, signal) => {
      settle();
      // The program ended, but something it started may have closed its output and lived on.
      if (why !== "exit" && child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
      resolve({ exitCode, signal, why });
    });
  });
}

function closeOutput(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function cancelled(argv: readonly string[]): CancelledError {
  return new CancelledError(`Cancelled while "${argv[0]}" ran`, { details: { argv } });
}

function failed(result: RunResult, message: string): ExecError {
  const { argv, exitCode, signal, stderr } = result;
  const tail = stderr.trimEnd().split("\n").slice(-20).join("\n");
  return new ExecError(tail === "" ? message : `${message}:\n${tail}`, {
    details: { argv, exitCode, signal, stderr: tail },
  });
}

function describeEnd({ exitCode, signal }: RunResult): string {
  return exitCode === null ? `was ended by ${signal}` : `failed with exit code ${exitCode}`;
}
