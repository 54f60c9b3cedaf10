import type { IncusClient } from "../incus/types.ts";
import { copyClosures } from "./copy.ts";
import { findRoot, type Root } from "./elevation.ts";
import { incusTransport } from "./incus.ts";
import { localTransport } from "./local.ts";
import type { AskPassword, CommandOptions, Elevation, Machine, MachineTarget } from "./machine.ts";
import { sshTransport } from "./ssh.ts";
import type { Transport } from "./transport.ts";

export interface OpenOptions {
  /** How root's rights are had there; absent: what works is found. */
  readonly elevation?: Exclude<Elevation, "none"> | undefined;
  /** Absent: nobody can be asked. */
  readonly askPassword?: AskPassword | undefined;
  /** A new client of a server of the fleet, which the machine closes; needed for instances. */
  readonly connectIncus?: ((server: string, signal?: AbortSignal) => Promise<IncusClient>) | undefined;
  /** The nix that copies from here; default `$FLOE_NIX`, else `nix`. */
  readonly nix?: { readonly command: string } | undefined;
  /** Default: this process' own. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** Milliseconds that a command has, when its caller says nothing. */
const TIMEOUT_MS = 60_000;

/** A machine by its target. Nothing is connected before the first command. */
export function openMachine(name: string, target: MachineTarget, options: OpenOptions = {}): Machine {
  const { env = process.env } = options;
  const ssh = target.kind === "ssh" ? sshTransport(target.destination, env) : undefined;
  const transport = ssh ?? otherTransport(target, options);
  const { where } = transport;
  const nix = options.nix?.command ?? (env["FLOE_NIX"] || "nix");
  let finding: Promise<Root> | undefined;
  let isAsked = false;
  const askPassword =
    options.askPassword &&
    ((question: Parameters<AskPassword>[0]) => {
      isAsked = true;
      return (options.askPassword as AskPassword)(question);
    });

  const root = (signal: AbortSignal | undefined): Promise<Root> => {
    finding ??= findRoot(transport, { ...options, askPassword }, signal);
    const attempt = finding;
    // What failed may be tried again.
    attempt.catch(() => {
      if (finding === attempt) finding = undefined;
    });
    return attempt;
  };

  const run: Machine["run"] = async (argv, { root: asRoot = false, input, ...rest }: CommandOptions = {}) => {
    const command = asRoot ? (await root(rest.signal)).as(argv, input) : { argv, input };
    return transport.exec(command.argv, { timeoutMs: TIMEOUT_MS, ...rest, input: command.input });
  };

  const machine: Machine = {
    name,
    target,
    where,
    run,
    script: (text, args = [], rest = {}) => run(["sh", "-c", text, "floe", ...args], rest),
    prepareRoot: async (signal) => (await root(signal)).elevation,
    copyClosures: (paths, copy) => copyClosures({ machine, transport, ssh, root, nix, env }, paths, copy),
    // Where somebody has to type a password, nothing stays open that this person does not sit before.
    close: ({ disconnect = isAsked } = {}) => transport.close({ disconnect }),
  };
  return machine;
}

// --- internal ---

function otherTransport(target: MachineTarget, { env, connectIncus }: OpenOptions): Transport {
  return target.kind === "incus" ? incusTransport(target, connectIncus) : localTransport(env);
}
