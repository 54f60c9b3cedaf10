/**
 * A real Incus for tests: the daemon whose folder INCUS_DIR names (`npm test` starts one of its own), and in it a
 * project that lives as long as one test file.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { connect } from "../../src/incus/connect.ts";
import type { IncusClient } from "../../src/incus/types.ts";

const PREFIX = "floe-test-";

export interface TestIncus {
  readonly client: IncusClient;
  /** The throwaway Incus project: own images, profiles and volumes; its default profile has a root disk and no network. */
  readonly project: string;
  readonly pool: string;
  /** Deletes the project with all that is in it, and closes the client. */
  remove(): Promise<void>;
}

/** The socket of the daemon for tests; undefined when there is none. */
export function testSocket(): string | undefined {
  const { INCUS_DIR } = process.env;
  const socket = INCUS_DIR && path.join(INCUS_DIR, "unix.socket");
  return socket && existsSync(socket) ? socket : undefined;
}

/** For `describe.skipIf`: true where there is no daemon for tests, unless FLOE_REQUIRE demands one. */
export function skipIncus(): boolean {
  if (testSocket() !== undefined) return false;
  if ((process.env.FLOE_REQUIRE ?? "").split(",").includes("incus")) return false;
  console.warn(
    'Skipped: no Incus for tests. "npm test" starts one; or: export INCUS_DIR=$(node scripts/setup/incusd.mjs start --dir DIR)',
  );
  return true;
}

/** @throws Error when INCUS_DIR names no daemon */
export async function testIncus(): Promise<TestIncus> {
  const socket = testSocket();
  if (socket === undefined) throw new Error("INCUS_DIR names no Incus daemon for tests");
  const client = await connect({ name: "local", kind: "unix", socket });
  await removeLeftovers(client);
  const project = await createProject(client);
  return {
    client,
    project,
    pool: "default",
    async remove() {
      await removeProject(client, project);
      client.close();
    },
  };
}

// --- internal ---

/** The process that made a project is in its config, so that a crashed run's projects are known. */
async function createProject(client: IncusClient): Promise<string> {
  const name = PREFIX + randomBytes(4).toString("hex");
  const features = { "features.images": "true", "features.profiles": "true", "features.storage.volumes": "true" };
  await client.request("POST", "/1.0/projects", {
    name,
    description: "a test of floe",
    config: { ...features, "user.floe.test.pid": String(process.pid) },
  });
  const devices = { root: { type: "disk", path: "/", pool: "default" } };
  await client.request("PUT", `/1.0/profiles/default?project=${name}`, { config: {}, description: "", devices });
  return name;
}

async function removeLeftovers(client: IncusClient): Promise<void> {
  const { value } = await client.request<
    readonly { readonly name: string; readonly config: Readonly<Record<string, string>> }[]
  >("GET", "/1.0/projects?recursion=1");
  const dead = value.filter(
    ({ name, config: { "user.floe.test.pid": pid } }) =>
      name.startsWith(PREFIX) && pid !== undefined && !isAlive(Number(pid)),
  );
  // Another test file may be removing the same ones.
  for (const { name } of dead) await removeProject(client, name).catch(() => {});
}

async function removeProject(client: IncusClient, project: string): Promise<void> {
  const instances = await client.listInstances(project);
  await Promise.all(
    instances.map(async ({ name }) => {
      await client.setInstanceState(project, name, "stop", { force: true });
      await client.deleteInstance(project, name);
    }),
  );
  for (const { fingerprint } of await client.listImages(project)) await client.deleteImage(project, fingerprint);
  for (const pool of await client.listPools()) {
    for (const { name } of await client.listVolumes(project, pool))
      await client.request("DELETE", `/1.0/storage-pools/${pool}/volumes/custom/${name}?project=${project}`);
  }
  for (const { name } of await client.listProfiles(project))
    if (name !== "default") await client.deleteProfile(project, name);
  await client.request("DELETE", `/1.0/projects/${project}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
