/** A server that has just started, and goes on to start instances while it answers already. */
import { IncusError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import { pause } from "../util/pause.ts";

const askEveryMs = 200;

/**
 * Waits until the server has started what it starts by itself; until then it may start an instance at any moment, also one
 * whose root disk is being deleted. It is asked what `incus admin waitready` asks, for nothing else says so; a server that
 * does not answer that is taken for ready.
 * @throws IncusError when the connection is lost
 */
export async function untilReady(client: IncusClient, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ((await isStarting(client)) && performance.now() < deadline) await pause(askEveryMs);
}

// --- internal ---

async function isStarting(client: IncusClient): Promise<boolean> {
  try {
    await client.request("GET", "/internal/ready");
    return false;
  } catch (error) {
    if (!(error instanceof IncusError) || error.status === 0) throw error;
    return error.status === 503;
  }
}
