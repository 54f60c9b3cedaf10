/** The way to each host: this machine, SSH, or Incus. */
import { hostname } from "node:os";
import { CancelledError, FloeError } from "../../errors.ts";
import type { Machine, MachineTarget } from "../../machine/machine.ts";
import { type OpenOptions, openMachine } from "../../machine/open.ts";
import { parseTarget } from "../../machine/target.ts";
import type { Host } from "../../model/fleet.ts";
import type { Emit } from "../../report/events.ts";
import { mapLimit } from "../../util/map-limit.ts";

/** The machine that floe runs on, by the name that a host of it has. */
export function thisHostName(): string {
  return hostname().split(".")[0] ?? "";
}

/** @throws FloeError for a host without a target that is not this machine */
export function targetOf({ name, target }: Pick<Host, "name" | "target">): MachineTarget {
  if (target !== undefined) return parseTarget(target);
  if (name === thisHostName()) return { kind: "local" };
  throw new FloeError(`"${name}" has no target, so it is reached only from the machine of that name`, {
    hint: `This one is "${thisHostName()}". Say where it is: target: "root@${name}" in its host(...)`,
  });
}

export interface OpenHostsOptions extends Pick<OpenOptions, "askPassword" | "connectIncus" | "nix"> {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** False: nothing is done as root. Then no password is asked for, and each machine is connected by the first command. Default: true. */
  readonly asRoot?: boolean;
}

/**
 * Connects to all at once, and makes root's rights usable: whoever has to type a password does it before anything starts. A host that
 * cannot be reached is an answer.
 * @throws CancelledError
 */
export async function openHosts(
  hosts: readonly Host[],
  { emit, signal, asRoot = true, ...options }: OpenHostsOptions,
): Promise<ReadonlyMap<string, Machine | FloeError>> {
  const opened = await mapLimit(hosts, atOnce, async (host): Promise<[string, Machine | FloeError]> => {
    if (!asRoot) return [host.name, openUnconnected(host, options)];
    const step = { subject: `host:${host.name}`, step: "connect" } as const;
    const begin = performance.now();
    const ms = (): number => Math.round(performance.now() - begin);
    emit({ type: "step.start", ...step });
    let machine: Machine | undefined;
    try {
      machine = openMachine(host.name, targetOf(host), { ...options, elevation: host.elevation });
      await machine.prepareRoot(signal);
      emit({ type: "step.end", ...step, ok: true, ms: ms() });
      return [host.name, machine];
    } catch (error) {
      await machine?.close();
      if (!(error instanceof FloeError) || error instanceof CancelledError) throw error;
      emit({ type: "step.end", ...step, ok: false, ms: ms(), error: error.message });
      return [host.name, error];
    }
  });
  return new Map(opened);
}

// --- internal ---

function openUnconnected(host: Host, options: OpenOptions): Machine | FloeError {
  try {
    return openMachine(host.name, targetOf(host), { ...options, elevation: host.elevation });
  } catch (error) {
    if (error instanceof FloeError) return error;
    throw error;
  }
}

/** Connections that are made at the same time. */
const atOnce = 16;
