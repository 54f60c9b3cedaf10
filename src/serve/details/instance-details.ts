/** All that the page of one instance shows. */
import { isDeepStrictEqual } from "node:util";
import type { IncusClient, IncusInstance, IncusProfile } from "../../incus/types.ts";
import { volumeUsage } from "../../list/read-pools.ts";
import type { Instance } from "../../model/fleet.ts";
import { history, listGenerations } from "../../pipeline.ts";
import { decodeHealth } from "../../plan/applied.ts";
import { instanceAddress, isOurs, label, physicalNames } from "../../plan/labels.ts";
import { statusOf } from "../../plan/observed.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import type { InstanceDetails } from "../protocol.ts";
import { RefusedError } from "../refused.ts";
import { checkWords } from "./check-words.ts";
import { compareInstance, devicesOf } from "./compared.ts";
import { healthOfRuns } from "./health-of-runs.ts";

/** A server that does not answer, or an instance that is not there yet, leaves out what only Incus knows. */
export async function describeInstance(serve: Serve, name: string, signal: AbortSignal): Promise<InstanceDetails> {
  const fleet = serve.fleet();
  const instance = serve.instance(name);
  const address = instanceAddress(instance);
  const client = clientOf(serve, instance);
  const seen = client === undefined ? nothing : await look(client, instance, fleet.name, signal);
  const { found, profiles, snapshots, volumes, kept } = seen;
  const container = fleet.containers[instance.container];
  const checks = checksOf(instance, found);
  const looks = [...serve.health(address), ...healthOfRuns(history(serve.root), address)];
  return {
    instance: serve.shownInstance(name),
    address,
    source: container === undefined ? "" : `${container.source.file}:${container.source.line}`,
    compared: compareInstance(instance, found, serve.evaluation()),
    devices: found === undefined ? [] : devicesOf(found, profiles),
    volumes,
    snapshots,
    ...checks,
    health: checks.checks.length === 0 ? [] : looks.sort((a, b) => b.at - a.at).slice(0, 100),
    generations: found === undefined ? [] : listGenerations(found),
    kept,
  };
}

// --- internal ---

interface Seen extends Pick<InstanceDetails, "snapshots" | "volumes" | "kept"> {
  readonly found: IncusInstance | undefined;
  readonly profiles: readonly IncusProfile[];
}

const nothing: Seen = { found: undefined, profiles: [], snapshots: [], volumes: [], kept: [] };

function checksOf(
  { health }: Instance,
  found: IncusInstance | undefined,
): Pick<InstanceDetails, "checks" | "declaredChecks"> {
  const declared = health.map(checkWords);
  const asked = decodeHealth(found?.config ?? {})?.map(checkWords) ?? declared;
  return isDeepStrictEqual(asked, declared) ? { checks: asked } : { checks: asked, declaredChecks: declared };
}

function clientOf(serve: Serve, { server }: Instance): IncusClient | undefined {
  try {
    return serve.client(server);
  } catch (error) {
    if (error instanceof RefusedError && error.status === 503) return undefined;
    throw error;
  }
}

async function look(client: IncusClient, instance: Instance, fleet: string, signal: AbortSignal): Promise<Seen> {
  const { project, name } = instance;
  const [profiles, ...read] = await Promise.all([
    client.listProfiles(project, { signal }),
    ...Object.values(physicalNames(name)).map((one) => client.getInstance(project, one, { signal })),
  ]);
  const all = read.flatMap((one) =>
    one !== undefined && isOurs(one.value.config ?? {}, fleet, name) ? one.value : [],
  );
  const kept = all.filter((one) => one.name !== name).map(keptOf);
  const own = all.find((one) => one.name === name);
  if (own === undefined) return { ...nothing, profiles, kept };
  const [snapshots, volumes] = await Promise.all([
    client.listSnapshots(project, name, { signal }),
    volumesOf(client, own, signal),
  ]);
  return {
    found: own,
    profiles,
    volumes,
    kept,
    snapshots: snapshots
      .map(({ name: snapshot, created_at, expires_at, size }) =>
        defined({
          name: snapshot,
          createdAt: created_at,
          expiresAt: expires_at === undefined || expires_at.startsWith("0001-") ? undefined : expires_at,
          bytes: size === undefined || size < 0 ? undefined : size,
        }),
      )
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
  };
}

/** Custom volumes: disks of a pool that are not the root. */
async function volumesOf(
  client: IncusClient,
  { expanded_devices, project }: IncusInstance,
  signal: AbortSignal,
): Promise<InstanceDetails["volumes"]> {
  const disks = Object.values(expanded_devices ?? {}).filter(
    (device) => device["type"] === "disk" && device["pool"] !== undefined && device["source"] !== undefined,
  );
  return Promise.all(
    disks.map(async ({ pool = "", source: name = "", path = "" }) => {
      const usedBytes = await volumeUsage(client, { project, pool, name }, signal);
      return { pool, name, path, ...defined({ usedBytes }) };
    }),
  );
}

/** NAME-previous, NAME-failed, and what an interrupted apply left. */
function keptOf({ name, config, status_code }: IncusInstance): InstanceDetails["kept"][number] {
  return { name, role: config[label.role] ?? "kept", state: statusOf(status_code) };
}
