/** Does every Incus server answer, and can containers live there? */
import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Server } from "../model/fleet.ts";
import { connectServer } from "../remotes/connect-server.ts";
import { defined } from "../util/defined.ts";
import { type Finding, finding } from "./finding.ts";
import { roomFinding } from "./machine.ts";

export async function checkIncus(server: Server, signal?: AbortSignal): Promise<Finding[]> {
  const say = finding("incus", server.name);
  let client: IncusClient;
  try {
    client = await connectServer(server, { signal });
  } catch (error) {
    if (!(error instanceof FloeError)) throw error;
    // The hint is for other verbs, which send the reader here.
    return [say("fail", error.message, error.hint?.replace(/,? (then run )?"floe doctor".*$/, ""))];
  }
  try {
    const [info, pools] = await Promise.all([client.info({ signal }), client.listPools({ signal })]);
    const version = info.environment.server_version;
    return [
      isOldIncus(version)
        ? say("fail", `Incus ${version} at ${client.address} is too old`, "Install Incus 6.0 or newer")
        : say("ok", `${server.name}: Incus ${version} (${client.address})`),
      describePools(server, pools),
      ...(await Promise.all(pools.map((pool) => describeRoom(server, pool, client, signal)))).flat(),
    ];
  } finally {
    client.close();
  }
}

// --- internal ---

function isOldIncus(version: string): boolean {
  return Number(version.split(".")[0]) < 6;
}

/** Space and inodes of a pool, as its driver counts them; nothing where the driver or a member of `incus` cannot tell. */
async function describeRoom(
  server: Server,
  pool: string,
  client: IncusClient,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const path = `/1.0/storage-pools/${encodeURIComponent(pool)}/resources`;
  const resources = await client.request<PoolResources>("GET", path, undefined, defined({ signal })).catch((error) => {
    if (!(error instanceof FloeError) || signal?.aborted) throw error;
    return undefined;
  });
  const space = resources?.value.space;
  if (space?.total === undefined || space.total === 0) return [];
  const room = { free: space.total - space.used, files: resources?.value.inodes };
  return [roomFinding("incus", `${server.name}-pool-${pool}`, room, `the pool ${pool} of ${server.name}`)];
}

interface PoolResources {
  readonly space?: { readonly used: number; readonly total: number };
  readonly inodes?: { readonly used: number; readonly total: number };
}

function describePools(server: Server, pools: readonly string[]): Finding {
  const say = finding("incus", `${server.name}-pools`);
  if (pools.length === 0) return say("fail", `${server.name} has no storage pool`, "incus storage create default dir");
  return say("ok", `${server.name}: storage ${pools.length === 1 ? "pool" : "pools"} ${pools.join(", ")}`);
}
