/**
 * The guard against the wrong machine. What a host was known as is kept under `.floe/hosts/`, as ssh keeps `known_hosts`: no truth, only
 * something to stumble over.
 */
import { join } from "node:path";
import { FloeError } from "../../errors.ts";
import type { MachineIdentity } from "../../machine/machine.ts";
import { replaceFile } from "../../state/atomic.ts";
import { isRecord, readCache } from "../../util/files.ts";

/** What a host said of itself when it was last switched. */
export interface KnownHost {
  readonly hostName: string;
  readonly machineId?: string;
}

export function readKnownHost(root: string, name: string): KnownHost | undefined {
  const found = readCache(fileOf(root, name));
  if (!isRecord(found) || typeof found["hostName"] !== "string") return undefined;
  const { hostName, machineId } = found;
  return { hostName, ...(typeof machineId === "string" ? { machineId } : {}) };
}

/** @throws StateError when it cannot be written */
export function rememberHost(root: string, name: string, { hostName, machineId }: MachineIdentity): void {
  const known = readKnownHost(root, name);
  if (known?.hostName === hostName && known.machineId === machineId) return;
  replaceFile(
    fileOf(root, name),
    `${JSON.stringify({ hostName, ...(machineId === undefined ? {} : { machineId }) })}\n`,
  );
}

/** What decides whether a machine is the host it is taken for. */
export interface Claim {
  /** The host's name in the fleet. */
  readonly name: string;
  /** For people. */
  readonly where: string;
  readonly identity: MachineIdentity;
  readonly known: KnownHost | undefined;
  /** The host name that its configuration sets, once that is known. */
  readonly configured?: string | undefined;
}

/** Why the machine is taken for another one; undefined when nothing speaks against it. */
export function wrongMachine({ name, where, identity, known, configured }: Claim): FloeError | undefined {
  const { hostName, machineId } = identity;
  const names = [name, configured, known?.hostName].filter((one) => one !== undefined);
  const isNamed = names.some((one) => shortName(one) === shortName(hostName));
  if (known?.machineId !== undefined && machineId !== undefined && known.machineId !== machineId)
    return refusal(
      name,
      `Another machine than before answers as "${name}" at ${where}: it is "${hostName}" with the machine id ${machineId}, and was "${known.hostName}" with ${known.machineId}`,
    );
  if (isNamed) return undefined;
  return refusal(
    name,
    known === undefined
      ? `The machine at ${where} is called "${hostName}", not "${configured ?? name}"`
      : `The machine at ${where} is called "${hostName}" now, and was "${known.hostName}" before`,
  );
}

// --- internal ---

function refusal(name: string, message: string): FloeError {
  return new FloeError(message, {
    hint: `Look whether the target of "${name}" is right; if it is, --force-host takes this machine for it from now on`,
    details: { host: name },
  });
}

function fileOf(root: string, name: string): string {
  return join(root, ".floe", "hosts", `${encodeURIComponent(name)}.json`);
}

function shortName(name: string): string {
  return (name.split(".")[0] ?? name).toLowerCase();
}
