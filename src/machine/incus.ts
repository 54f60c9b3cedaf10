/** A NixOS that runs as an Incus instance: reached through Incus, without a network or an sshd in it. */
import { Readable, Writable } from "node:stream";
import { CancelledError, ConnectionError, FloeError, IncusError } from "../errors.ts";
import { captureTail } from "../exec/capture.ts";
import { splitLines } from "../exec/lines.ts";
import { wordsOf } from "../incus/failure.ts";
import type { IncusClient } from "../incus/types.ts";
import { isStream } from "./input.ts";
import type { MachineTarget } from "./machine.ts";
import { withPath } from "./shell.ts";
import { describeTarget } from "./target.ts";
import type { Transport, TransportOptions } from "./transport.ts";

type Instance = MachineTarget & { readonly kind: "incus" };
type Connect = (server: string, signal?: AbortSignal) => Promise<IncusClient>;

export function incusTransport(target: Instance, connect: Connect | undefined): Transport {
  const where = describeTarget(target);
  let connecting: Promise<IncusClient> | undefined;

  const shared = (signal: AbortSignal | undefined): Promise<IncusClient> => {
    const attempt = connecting ?? open(signal);
    connecting = attempt;
    attempt.catch(() => {
      if (connecting === attempt) connecting = undefined;
    });
    return attempt;
  };
  async function open(signal: AbortSignal | undefined): Promise<IncusClient> {
    if (connect === undefined) throw new ConnectionError(`Cannot reach ${where}: there is no way to Incus here`);
    try {
      return await connect(target.server, signal);
    } catch (error) {
      throw unreachable(where, error);
    }
  }

  return {
    where,
    async exec(argv, options) {
      const client = await (options.fresh ? open(options.signal) : shared(options.signal));
      try {
        return await execInside(client, target, argv, options);
      } catch (error) {
        throw await explain(client, target, where, error);
      } finally {
        if (options.fresh) client.close();
      }
    },
    async close() {
      const client = await connecting?.catch(() => undefined);
      connecting = undefined;
      client?.close();
    },
  };
}

// --- internal ---

/** Ends of a command that Incus takes for failures of its own. */
const ENDS: Readonly<Record<string, number>> = { "Command not executable": 126, "Command not found": 127 };

async function execInside(
  client: IncusClient,
  { project, instance }: Instance,
  argv: readonly string[],
  { input, output, signal, timeoutMs, onStdoutLine, onStderrLine }: TransportOptions,
) {
  const stdout = collect(onStdoutLine);
  const stderr = collect(onStderrLine);
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signals = [signal, timeout].filter((one) => one !== undefined);
  const stdin =
    input === undefined ? undefined : isStream(input) ? input : Readable.from([Buffer.from(input as string)]);
  const streams = { ...(stdin === undefined ? {} : { stdin }), stdout: output ?? stdout.stream, stderr: stderr.stream };
  try {
    const exitCode = await client.execStream(project, instance, withPath(argv), streams, {
      signal: AbortSignal.any(signals),
    });
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    const exitCode = error instanceof IncusError ? ENDS[wordsOf(error)] : undefined;
    if (exitCode !== undefined) return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    if (error instanceof CancelledError && timeout?.aborted && !signal?.aborted)
      throw new ConnectionError(`A command in the instance "${instance}" took longer than ${timeoutMs} ms`, {
        cause: error,
        details: { timedOut: true },
      });
    throw error;
  }
}

function collect(onLine: ((line: string) => void) | undefined) {
  const kept = captureTail(64 * 1024 * 1024);
  const lines = onLine && splitLines(onLine);
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      kept.push(chunk);
      lines?.push(chunk);
      done();
    },
  });
  return {
    stream,
    text() {
      lines?.end();
      return kept.text();
    },
  };
}

/** An instance that does not run is the usual reason, and Incus says it in several ways. */
async function explain(
  client: IncusClient,
  { project, instance, server }: Instance,
  where: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof IncusError)) return error;
  const state = await client.getInstance(project, instance).catch(() => undefined);
  if (error.status === 404 && state === undefined)
    return new ConnectionError(`Cannot reach ${where}: there is no such instance in the project "${project}"`, {
      cause: error,
      details: { where },
    });
  if (state !== undefined && state.value.status !== "Running")
    return new ConnectionError(`Cannot reach ${where}: it is ${state.value.status.toLowerCase()}`, {
      hint: `Start it: incus start ${server}:${instance} --project ${project}`,
      cause: error,
      details: { where, status: state.value.status },
    });
  return unreachable(where, error);
}

function unreachable(where: string, error: unknown): unknown {
  if (!(error instanceof FloeError) || error instanceof CancelledError || error instanceof ConnectionError)
    return error;
  return new ConnectionError(`Cannot reach ${where}: ${error.message}`, {
    hint: error.hint,
    cause: error,
    details: { where },
  });
}
