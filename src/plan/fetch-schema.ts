/** Asks a server for its config keys and for what it can do, once for each of its versions and only where it is of use. */
import { join } from "node:path";
import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Instance } from "../model/fleet.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import type { ServerAbilities } from "./observed.ts";
import { type ConfigSchema, readSchema } from "./schema.ts";

/** Undefined for a server that does not say: older ones, and those that do not let us ask. */
export async function fetchSchema(
  client: IncusClient,
  root: string,
  signal: AbortSignal | undefined,
): Promise<ConfigSchema | undefined> {
  const info = client.lastInfo() ?? (await client.info({ signal }));
  const { server_version: version } = info.environment;
  if (!info.api_extensions.includes("metadata_configuration")) return undefined;
  const file = join(root, ".floe", "cache", `incus-schema-${version.replace(/[^\w.-]/g, "_")}.json`);
  const known = readCache(file);
  if (isRecord(known) && known["extensions"] === info.api_extensions.length) return known["schema"] as ConfigSchema;
  try {
    const { value } = await client.request<unknown>("GET", "/1.0/metadata/configuration", undefined, { signal });
    const schema = readSchema(value);
    writeCache(file, { extensions: info.api_extensions.length, schema });
    return schema;
  } catch (error) {
    // What it would refuse, it refuses later; that is no reason to plan nothing.
    if (error instanceof FloeError && !signal?.aborted) return undefined;
    throw error;
  }
}

/** Only where an instance is a virtual machine or names its member. */
export async function fetchAbilities(
  client: IncusClient,
  declared: readonly Instance[],
  signal: AbortSignal | undefined,
): Promise<ServerAbilities | undefined> {
  const hasMember = declared.some(({ member }) => member !== undefined);
  if (!hasMember && !declared.some(({ type }) => type === "virtual-machine")) return undefined;
  const info = client.lastInfo() ?? (await client.info({ signal }));
  const drivers = (info.environment.driver ?? "").split("|").map((word) => word.trim());
  return hasMember && info.environment.server_clustered === true
    ? { drivers, members: await listMembers(client, signal) }
    : { drivers };
}

// --- internal ---

async function listMembers(client: IncusClient, signal: AbortSignal | undefined): Promise<string[]> {
  const { value } = await client.request<readonly string[] | null>("GET", "/1.0/cluster/members", undefined, {
    signal,
  });
  return (value ?? []).map((path) => decodeURIComponent(path.slice(path.lastIndexOf("/") + 1)));
}
