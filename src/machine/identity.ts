/** What a machine says of itself. */
import { ConnectionError } from "../errors.ts";
import type { Machine, MachineIdentity } from "./machine.ts";

/** Asks a machine who it is. @throws ConnectionError, CancelledError */
export async function readIdentity(machine: Machine, signal?: AbortSignal): Promise<MachineIdentity> {
  const { stdout } = await machine.script(WHO, [], { signal, repeatable: true });
  const [hostName = "", machineId = "", bootId = ""] = stdout.split("\n");
  if (hostName === "" || bootId === "")
    throw new ConnectionError(`Cannot ask ${machine.where} who it is: it said ${JSON.stringify(stdout)}`, {
      details: { where: machine.where },
    });
  return { hostName, machineId: machineId === "" ? undefined : machineId, bootId };
}

// --- internal ---

const WHO = `uname -n
cat /etc/machine-id 2>/dev/null || echo
cat /proc/sys/kernel/random/boot_id`;
