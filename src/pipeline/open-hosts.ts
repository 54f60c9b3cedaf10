/**
 * The same pipeline for hosts:
 *
 *     connect → observe → guard → build → plan → apply → report
 *
 * Part of "floe/pipeline". A host that fails at one of these steps is out, with the reason; the others go on.
 */
import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { AskPassword, Machine } from "../machine/machine.ts";
import type { OpenOptions } from "../machine/open.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import { connectServer } from "../remotes/connect-server.ts";
import { nixOf } from "./nix-of.ts";
import type { Work } from "./work.ts";

/** Hosts by name, as far as each has come. */
export type ByHost<T> = ReadonlyMap<string, T | FloeError>;

/** The name of this machine, as a host of the fleet has it. */
export async function thisHost(): Promise<string> {
  return (await import("../apply/hosts/open.ts")).thisHostName();
}

/** What opening a machine of the fleet takes: the nix that copies to it, and how a server is reached for one in an instance. */
export async function waysOf(
  fleet: Fleet,
  signal: AbortSignal,
): Promise<Required<Pick<OpenOptions, "nix" | "connectIncus">>> {
  const connectIncus = async (name: string, own = signal): Promise<IncusClient> => {
    const server = fleet.servers[name];
    if (server === undefined) throw new FloeError(`The fleet has no server "${name}"`);
    return connectServer(server, { signal: own });
  };
  return { nix: await nixOf(fleet), connectIncus };
}

/** Machines that are reached; the caller closes. */
export interface OpenHosts {
  readonly machines: ByHost<Machine>;
  close(): Promise<void>;
}

/**
 * connect: to all at once; passwords are asked for here, and nowhere later. `asRoot: false`, for those that only look: nothing is asked for, and
 * each machine is connected when it is observed. @throws CancelledError
 */
export async function openHosts(
  fleet: Fleet,
  hosts: readonly Host[],
  askPassword: AskPassword | undefined,
  work: Work,
  { asRoot = true }: { readonly asRoot?: boolean } = {},
): Promise<OpenHosts> {
  const [{ openHosts: open }, ways] = await Promise.all([import("../apply/hosts/open.ts"), waysOf(fleet, work.signal)]);
  const machines = await open(hosts, { ...ways, asRoot, ...(askPassword && { askPassword }), ...work });
  return {
    machines,
    async close() {
      await Promise.all([...machines.values()].map((machine) => machine instanceof FloeError || machine.close()));
    },
  };
}
