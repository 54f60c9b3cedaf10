/** Does every Incus server answer, and can containers live there? */
import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Server } from "../model/fleet.ts";
import { connectServer } from "../remotes/connect-server.ts";
import { type Finding, finding } from "./finding.ts";

export async function checkIncus(server: Server, signal?: AbortSignal): Promise<Finding[]> {
  const say = finding("incus", server.name);
  let client: IncusClient;
  try {
    client = await connectServer(server, { signal });
  } catch (error) {
    if (!(error instanceof FloeError)) throw error;
    return [say("fail", error.message, error.hint)];
  }
  try {
    const [info, pools] = await Promise.all([client.info({ signal }), client.listPools({ signal })]);
    const version = info.environment.server_version;
    return [
      isOldIncus(version)
        ? say("fail", `Incus ${version} at ${client.address} is too old`, "Install Incus 6.0 or newer")
        : say("ok", `${server.name}: Incus ${version} (${client.address})`),
      describePools(server, pools),
    ];
  } finally {
    client.close();
  }
}

// --- internal ---

function isOldIncus(version: string): boolean {
  return Number(version.split(".")[0]) < 6;
}

function describePools(server: Server, pools: readonly string[]): Finding {
  const say = finding("incus", `${server.name}-pools`);
  if (pools.length === 0) return say("fail", `${server.name} has no storage pool`, "incus storage create default dir");
  return say("ok", `${server.name}: storage ${pools.length === 1 ? "pool" : "pools"} ${pools.join(", ")}`);
}
