import type { IncusClient } from "../incus/types.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { defined } from "../util/defined.ts";
import { mapLimit } from "../util/map-limit.ts";
import { askEach, problemsOf } from "./ask-each.ts";

export interface ListedPool {
  readonly server: string;
  readonly name: string;
  readonly driver: string;
  /** Bytes; absent where this client may not know, or the storage cannot tell. */
  readonly used?: number;
  readonly total?: number;
}

/** Bytes that volumes take, by `SERVER/PROJECT/POOL/NAME`; one whose storage cannot tell is absent. */
export type VolumeUsage = ReadonlyMap<string, number>;

export interface PoolList {
  readonly pools: readonly ListedPool[];
  readonly usage: VolumeUsage;
  readonly problems: readonly Problem[];
}

/** A volume's key in `VolumeUsage`. */
export function volumeKey(volume: {
  readonly server: string;
  readonly project: string;
  readonly pool: string;
  readonly name: string;
}): string {
  return [volume.server, volume.project, volume.pool, volume.name].join("/");
}

/** The storage pools of the fleet's servers, and how large the volumes in them are. */
export async function readPools(fleet: Fleet, signal: AbortSignal): Promise<PoolList> {
  const answers = await askEach(fleet, signal, async (client) => {
    const names = await client.listPools({ signal });
    const pools = await Promise.all(names.map((name) => readPool(client, name, signal)));
    const usage = await Promise.all(names.map((name) => readUsage(client, name, signal)));
    return { pools, usage: usage.flat() };
  });
  const answered = Object.values(answers).flatMap((answer) => (answer.ok ? [answer.value] : []));
  return {
    pools: answered.flatMap(({ pools }) => pools),
    usage: new Map(answered.flatMap(({ usage }) => usage)),
    problems: problemsOf(answers),
  };
}

/** Bytes that one volume takes; undefined where its storage does not count. */
export async function volumeUsage(
  client: IncusClient,
  { project, pool, name }: { readonly project: string; readonly pool: string; readonly name: string },
  signal: AbortSignal,
): Promise<number | undefined> {
  const path = `/1.0/storage-pools/${encodeURIComponent(pool)}/volumes/custom/${encodeURIComponent(name)}/state?project=${encodeURIComponent(project)}`;
  const state = await optional<{ readonly usage?: { readonly used?: number } | null }>(client, path, signal);
  const used = state?.usage?.used;
  return used !== undefined && used >= 0 ? used : undefined;
}

// --- internal ---

/** Requests at the same time: some drivers walk the whole volume. */
const atOnce = 4;

async function readPool(client: IncusClient, name: string, signal: AbortSignal): Promise<ListedPool> {
  const path = `/1.0/storage-pools/${encodeURIComponent(name)}`;
  const [pool, resources] = await Promise.all([
    optional<{ readonly driver?: string }>(client, path, signal),
    optional<{ readonly space?: { readonly used?: number; readonly total?: number } }>(
      client,
      `${path}/resources`,
      signal,
    ),
  ]);
  const { used, total } = resources?.space ?? {};
  return { server: client.server.name, name, driver: pool?.driver ?? "?", ...defined({ used, total }) };
}

async function readUsage(client: IncusClient, pool: string, signal: AbortSignal): Promise<[string, number][]> {
  const volumes = (await client.listAllVolumes(pool, { signal })).filter(({ name }) => !name.includes("/"));
  const found = await mapLimit(volumes, atOnce, async ({ name, project = "default" }): Promise<[string, number][]> => {
    const used = await volumeUsage(client, { project, pool, name }, signal);
    return used === undefined ? [] : [[volumeKey({ server: client.server.name, project, pool, name }), used]];
  });
  return found.flat();
}

/** A restricted client may not ask everything: what it is refused is not known. */
async function optional<T>(client: IncusClient, path: string, signal: AbortSignal): Promise<T | undefined> {
  try {
    return (await client.request<T>("GET", path, undefined, { signal })).value;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
