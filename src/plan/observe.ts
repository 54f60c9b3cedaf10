/** Reads what runs: a handful of requests a server, whatever the number of instances. */
import { CancelledError, FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import { type Fleet, type Instance, instancesOf } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { Listener } from "../util/listeners.ts";
import { fetchAbilities, fetchSchema } from "./fetch-schema.ts";
import { physicalNames } from "./labels.ts";
import { listSnapshots, listWholeInstances } from "./list-instances.ts";
import {
  type Observed,
  type ObservedProject,
  type ObservedServer,
  toObserved,
  type UnreachableServer,
} from "./observed.ts";
import { waitForQuiet } from "./operations.ts";
import { missingPorts } from "./ports.ts";

/** A client for each server that could be reached, and the error for each that could not. */
export type Clients = Readonly<Record<string, IncusClient | FloeError>>;

export interface ObserveInput {
  readonly fleet: Fleet;
  readonly clients: Clients;
  /** What listens on these ports of this machine; asked only for a server of this machine, and for ports it does not hold itself. */
  readonly listeners: (ports: ReadonlySet<number>) => Promise<readonly Listener[]>;
  readonly signal?: AbortSignal | undefined;
}

/** A server that does not answer is part of the answer, not an error: the others are not affected. */
export async function observe(input: ObserveInput): Promise<Observed> {
  const servers = await Promise.all(
    Object.keys(input.fleet.servers).map(async (name) => [name, await observeServer(name, input)] as const),
  );
  if (input.signal?.aborted) throw new CancelledError("Cancelled");
  return { servers: Object.fromEntries(servers) };
}

// --- internal ---

async function observeServer(name: string, input: ObserveInput): Promise<ObservedServer | UnreachableServer> {
  const client = input.clients[name];
  if (client === undefined) return { ok: false, message: `There is no connection to the server "${name}"` };
  if (client instanceof FloeError) return unreachable(client);
  try {
    return await readServer(
      client,
      instancesOf(input.fleet).filter(({ server }) => server === name),
      input,
    );
  } catch (error) {
    if (error instanceof FloeError && !input.signal?.aborted) return unreachable(error);
    throw error;
  }
}

function unreachable({ message, hint }: FloeError): UnreachableServer {
  return { ok: false, message, ...defined({ hint }) };
}

async function readServer(
  client: IncusClient,
  declared: readonly Instance[],
  { fleet, listeners, signal }: ObserveInput,
): Promise<ObservedServer> {
  const projectNames = [...new Set(declared.map(({ project }) => project))];
  // What is asked beside the wait is not changed by what it waits for.
  const [pools, existing, schema, abilities] = await Promise.all([
    client.listPools({ signal, named: declaredPools(declared) }),
    client.listProjects({ signal }),
    declared.length === 0 ? undefined : fetchSchema(client, fleet.root, signal),
    fetchAbilities(client, declared, signal),
    waitForQuiet(client, isNameOf(declared), { signal }),
  ]);
  const present = projectNames.filter((project) => existing.includes(project));
  const [instances, snapshots, projects] = await Promise.all([
    listWholeInstances(client, signal),
    listSnapshots(client, pools, signal),
    Promise.all(
      present.map(
        async (project) =>
          [project, await readProject(client, project, poolsOf(declared, project, pools), signal)] as const,
      ),
    ),
  ]);
  const observed = instances.map((instance) => ({
    ...toObserved(instance),
    snapshots: snapshots.get(`${instance.project}/${instance.name}`) ?? [],
  }));
  const ports = client.isLocal ? missingPorts(declared, observed) : new Set<number>();
  return {
    ok: true,
    instances: observed,
    projects: Object.fromEntries(projects),
    pools,
    ...defined({ schema, abilities, identity: client.lastInfo()?.environment.certificate_fingerprint }),
    listeners: ports.size > 0 ? await listeners(ports) : [],
  };
}

function isNameOf(declared: readonly Instance[]): (project: string, name: string) => boolean {
  const names = new Set(
    declared.flatMap(({ project, name }) =>
      Object.values(physicalNames(name)).map((physical) => `${project}/${physical}`),
    ),
  );
  return (project, name) => names.has(`${project}/${name}`);
}

function declaredPools(declared: readonly Instance[]): string[] {
  return [...new Set(declared.flatMap(({ volumes }) => Object.values(volumes).map(({ pool }) => pool)))];
}

function poolsOf(declared: readonly Instance[], project: string, existing: readonly string[]): string[] {
  const used = declared
    .filter((instance) => instance.project === project)
    .flatMap(({ volumes }) => Object.values(volumes).map(({ pool }) => pool));
  return [...new Set(used)].filter((pool) => existing.includes(pool));
}

async function readProject(
  client: IncusClient,
  project: string,
  pools: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ObservedProject> {
  const query = new URLSearchParams({ recursion: "1", project });
  const [images, profiles, networks, volumes] = await Promise.all([
    client.listImages(project, { signal }),
    client.listProfiles(project, { signal }),
    client.request<readonly { readonly name: string; readonly managed: boolean }[] | null>(
      "GET",
      `/1.0/networks?${query}`,
      undefined,
      { signal },
    ),
    Promise.all(pools.map(async (pool) => [pool, await client.listVolumes(project, pool, { signal })] as const)),
  ]);
  return {
    images: images.map(({ fingerprint, properties, aliases, uploaded_at, type }) => ({
      fingerprint,
      properties,
      aliases,
      uploaded_at,
      type,
    })),
    profiles: profiles.map(({ name, config, devices, description }) => ({ name, config, devices, description })),
    networks: (networks.value ?? []).map(({ name, managed }) => ({ name, managed })),
    volumes: Object.fromEntries(
      volumes.map(([pool, list]) => [pool, list.map(({ name, config }) => ({ name, config }))]),
    ),
  };
}
