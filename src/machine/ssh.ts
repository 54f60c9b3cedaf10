/** A machine over SSH, with the user's own configuration and agent. */
import { existsSync } from "node:fs";
import { ConnectionError } from "../errors.ts";
import { isStream } from "./input.ts";
import type { CommandResult } from "./machine.ts";
import { explainFailure } from "./ssh-failure.ts";
import { baseOptions, quietEnv } from "./ssh-options.ts";
import { type Argv, type Sent, sendCommand, type Way } from "./ssh-send.ts";
import { shareConnection } from "./ssh-shared.ts";
import type { Transport, TransportOptions } from "./transport.ts";

export interface SshTransport extends Transport {
  /**
   * The connection that is open: its socket, and the options with which another program's ssh, such as nix', goes through it.
   * @throws ConnectionError, CancelledError
   */
  shared(signal?: AbortSignal): Promise<Shared>;
}

export interface Shared {
  /** There as long as the connection is. */
  readonly socket: string;
  readonly options: readonly string[];
}

/** Milliseconds in which a command begins over a connection that was open before; else that is taken for dead. */
const LEFTOVER_MS = 4000;

/** The first command makes the shared connection, or finds out whether one that is there already is alive. */
export function sshTransport(destination: string, env: NodeJS.ProcessEnv = process.env): SshTransport {
  const base = baseOptions(env);
  const shared = shareConnection(destination, quietEnv(env));

  async function exec(argv: Argv, options: TransportOptions): Promise<CommandResult> {
    if (options.fresh) return resultOf(await send(argv, options, { way: alone }), options);
    const turn = await shared.turn(options.signal);
    if (turn === undefined) return resultOf(await send(argv, options, { way: shared.options() }), options);
    try {
      return await execFirst(argv, options, turn.proved);
    } finally {
      turn.end();
    }
  }

  async function execFirst(argv: Argv, options: TransportOptions, proved: () => void): Promise<CommandResult> {
    const way = { way: shared.options(), onBegin: proved };
    if (!(await shared.isLeftover())) return resultOf(await send(argv, options, way), options);
    if (!options.repeatable || (options.input !== undefined && isStream(options.input))) {
      await execFirst(["true"], { signal: options.signal, timeoutMs: options.timeoutMs, repeatable: true }, proved);
      return resultOf(await send(argv, options, { way: shared.options() }), options);
    }
    const sent = await send(argv, options, { ...way, withinMs: LEFTOVER_MS });
    if (sent.isHeard) return resultOf(sent, options);
    shared.doubt();
    await shared.leave();
    return resultOf(await send(argv, options, way), options);
  }

  async function send(argv: Argv, options: TransportOptions, way: Way): Promise<Sent> {
    try {
      return await sendCommand({ destination, base, env }, argv, options, way);
    } catch (error) {
      if (error instanceof ConnectionError) shared.doubt();
      throw error;
    }
  }

  async function resultOf({ result, isHeard, hasRun }: Sent, { signal }: TransportOptions): Promise<CommandResult> {
    const { exitCode, stdout = "", stderr = "" } = result ?? {};
    if (!isHeard) {
      shared.doubt();
      throw await explainFailure({ destination, stderr, base, env: quietEnv(env), signal });
    }
    if (hasRun) return { exitCode: exitCode as number, stdout, stderr };
    throw new ConnectionError(`Cannot run commands on ${destination}: ${stderr.trim() || stdout.trim()}`, {
      hint: "The user needs a login shell that runs commands, such as /bin/sh",
      details: { where: destination },
    });
  }

  return {
    where: destination,
    exec,
    async shared(signal) {
      const socket = shared.path();
      if (!shared.isOpen()) await exec(["true"], { signal, repeatable: true });
      if (existsSync(socket)) return { socket, options: ["-o", "ControlMaster=no", "-o", `ControlPath=${socket}`] };
      throw new ConnectionError(`The connection to ${destination} does not stay open`, {
        hint: `See: ssh -v ${destination} true`,
        details: { where: destination },
      });
    },
    async close({ disconnect = false } = {}) {
      if (disconnect || !shared.isLasting) await shared.end();
    },
  };
}

// --- internal ---

const alone = ["-o", "ControlMaster=no", "-o", "ControlPath=none"];
