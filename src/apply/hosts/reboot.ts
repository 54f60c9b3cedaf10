/** A reboot that floe waits for. */
import { CancelledError, ConnectionError, FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import { pause } from "../../util/pause.ts";

export interface Reboot {
  /** What must run afterwards. */
  readonly system: string;
  /** Milliseconds until it is given up. */
  readonly withinMs?: number;
}

/**
 * Reboots a machine, waits until it answers with another boot id, and looks at what it booted.
 * @throws FloeError when it does not come back in time, or with another system; CancelledError
 */
export async function rebootMachine(
  machine: Machine,
  { system, withinMs = patienceMs }: Reboot,
  signal: AbortSignal,
): Promise<void> {
  const before = await readBoot(machine, signal);
  await machine.script(rebootScript, [], { root: true, signal }).catch(ignoreLoss);
  const deadline = performance.now() + withinMs;
  for (;;) {
    await pause(retryMs, signal);
    if (signal.aborted) throw new CancelledError("Cancelled while it was waited for a reboot");
    const now = await readBoot(machine, signal, true).catch(ignoreLoss);
    if (now !== undefined && now.bootId !== before.bootId) return requireSystem(machine, system, now.system);
    if (performance.now() < deadline) continue;
    throw new FloeError(
      now === undefined
        ? `It did not come back within ${Math.round(withinMs / 1000)} s after the reboot`
        : `It did not reboot within ${Math.round(withinMs / 1000)} s`,
      { hint: `Look at its console; when it answers again: floe switch ${machine.name}` },
    );
  }
}

// --- internal ---

const patienceMs = 600_000;
const retryMs = 1000;
/** One that is busy with its shutdown may accept connections that lead nowhere. */
const askMs = 15_000;

interface Booted {
  readonly bootId: string;
  /** What runs. */
  readonly system: string;
}

/** In a container /run is empty before its system is there: then nothing is said, and it is asked again. */
const bootScript = `cat /proc/sys/kernel/random/boot_id && readlink -f /run/current-system`;

/** A moment later, so that the connection ends well. */
const rebootScript = `if command -v systemd-run > /dev/null 2>&1 && [ -d /run/systemd/system ]; then
  exec systemd-run --quiet --collect --on-active=1 systemctl reboot
fi
(sleep 1; reboot) > /dev/null 2>&1 < /dev/null &`;

async function readBoot(machine: Machine, signal: AbortSignal, fresh = false): Promise<Booted> {
  const { exitCode, stdout, stderr } = await machine.script(bootScript, [], { signal, fresh, timeoutMs: askMs });
  const [bootId = "", system = ""] = stdout.split("\n");
  if (exitCode !== 0) throw new ConnectionError(`${machine.where} does not say what it booted: ${stderr.trim()}`);
  return { bootId, system };
}

function ignoreLoss(error: unknown): undefined {
  if (error instanceof ConnectionError) return undefined;
  throw error;
}

function requireSystem({ name }: Machine, wanted: string, found: string): void {
  if (found === wanted) return;
  throw new FloeError(`After the reboot it runs "${found}" instead of "${wanted}"`, {
    hint: `Look which generation its boot loader starts, then: floe switch ${name}`,
  });
}
