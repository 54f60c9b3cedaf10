import type { IncusClient, IncusInstance } from "../incus/types.ts";

const attempts = 10;

/**
 * Every instance of every project, without its state: that would cost the server some milliseconds for each one that runs.
 * One that is renamed or deleted while Incus lists it may come without its config: then the list is asked for again, and
 * what still has none is left out.
 */
export async function listWholeInstances(client: IncusClient, signal?: AbortSignal): Promise<IncusInstance[]> {
  for (let attempt = 1; ; attempt++) {
    const { value } = await client.request<readonly IncusInstance[] | null>(
      "GET",
      "/1.0/instances?recursion=1&all-projects=true",
      undefined,
      { signal },
    );
    const instances = value ?? [];
    const whole = instances.filter(({ config }) => (config as unknown) !== null);
    if (whole.length === instances.length || attempt === attempts) return whole;
    await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
  }
}

/** The names of the snapshots of each instance that has some, by `PROJECT/NAME`: one request a pool. */
export async function listSnapshots(
  client: IncusClient,
  pools: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string[]>> {
  const paths = await Promise.all(pools.map((pool) => listVolumePaths(client, pool, signal)));
  const snapshots = new Map<string, string[]>();
  for (const path of paths.flat()) {
    const found = parseSnapshot(path);
    if (found === undefined) continue;
    snapshots.set(found.instance, [...(snapshots.get(found.instance) ?? []), found.snapshot]);
  }
  return snapshots;
}

// --- internal ---

async function listVolumePaths(
  client: IncusClient,
  pool: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const path = `/1.0/storage-pools/${encodeURIComponent(pool)}/volumes/container?all-projects=true`;
  return (await client.request<readonly string[] | null>("GET", path, undefined, { signal })).value ?? [];
}

/** `/1.0/storage-pools/POOL/volumes/container/NAME/snapshots/SNAPSHOT?project=PROJECT` */
function parseSnapshot(path: string): { readonly instance: string; readonly snapshot: string } | undefined {
  const { pathname, searchParams } = new URL(path, "http://incus");
  const match = /\/volumes\/container\/([^/]+)\/snapshots\/([^/]+)$/.exec(pathname);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const project = searchParams.get("project") ?? "default";
  return { instance: `${project}/${decodeURIComponent(match[1])}`, snapshot: decodeURIComponent(match[2]) };
}
