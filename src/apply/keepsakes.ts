/**
 * What makes a machine the same one to others, and is kept on its root disk: its SSH host keys and its machine id. A new
 * root disk is given them before it is started for the first time. It is the files themselves that are given; where the
 * new image brings its own, or a link to one, that is declared and stays.
 */
import { IncusError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import { statusOf } from "../plan/observed.ts";
import { pause } from "../util/pause.ts";
import { type ApplyContext, messageOf } from "./context.ts";
import type { Place } from "./power.ts";

export interface Keepsake {
  readonly path: string;
  readonly content: Uint8Array;
  readonly uid: number;
  readonly gid: number;
  /** Octal: `0600`. */
  readonly mode: string;
}

/** See `readLastKeepsakes`. */
const fileServerMs = 16_000;

/** A busy server may be too slow with the process that serves the files. */
const readAttempts = 3;

const sshFolder = "/etc/ssh";
const machineId = "/etc/machine-id";
const hostKey = /^ssh_host_.+_key(\.pub)?$/;

/**
 * Of a container, running or stopped. The files of a virtual machine are not reached. A root that is stopped and cannot be
 * read may be broken, and is no reason to keep it: that is a warning.
 * @throws IncusError when those of a running one cannot be read: nothing has been changed then
 */
export async function readKeepsakes(
  { emit }: Pick<ApplyContext, "emit">,
  { client, project }: Place,
  name: string,
): Promise<Keepsake[]> {
  const found = await client.getInstance(project, name);
  if (found === undefined || found.value.type !== "container") return [];
  for (let attempt = 1; ; attempt++) {
    try {
      return await readAll(client, project, name);
    } catch (error) {
      if (attempt < readAttempts) {
        await pause(200 * attempt);
        continue;
      }
      if (statusOf(found.value.status_code) !== "stopped") throw error;
      emit({
        type: "message",
        level: "warning",
        text: `The SSH host keys and the machine id of "${name}" could not be read, so its new root has none of them: ${messageOf(error)}`,
      });
      return [];
    }
  }
}

/**
 * Before its root disk is deleted. Incus serves the files of a stopped instance through a process that holds the root disk,
 * also after it is deleted, and that ends by itself when nobody has asked it for 15 s; one of a running instance ends with it.
 */
export async function readLastKeepsakes(
  context: Pick<ApplyContext, "emit">,
  place: Place,
  name: string,
): Promise<Keepsake[]> {
  const found = await place.client.getInstance(place.project, name);
  const keepsakes = await readKeepsakes(context, place, name);
  if (keepsakes.length > 0 && found !== undefined && statusOf(found.value.status_code) === "stopped")
    await pause(fileServerMs);
  return keepsakes;
}

/** Into a root disk that was never started. @throws IncusError */
export async function giveKeepsakes(
  { client, project }: Place,
  name: string,
  keepsakes: readonly Keepsake[],
): Promise<void> {
  const wanted: Keepsake[] = [];
  for (const one of keepsakes) if (await isWanting(client, project, name, one.path)) wanted.push(one);
  const [first] = wanted;
  if (first === undefined) return;
  await client.makeFolder(project, name, "/etc");
  if (wanted.some(({ path }) => path.startsWith(`${sshFolder}/`))) await client.makeFolder(project, name, sshFolder);
  for (const { path, content, uid, gid, mode } of wanted)
    await client.putFile(project, name, path, content, { uid, gid, mode });
}

/**
 * As `giveKeepsakes`, when a root disk was made again to take an update back: that the instance runs again is worth more
 * than who it is to others. @throws IncusError when there is no answer, for then it is done once more
 */
export async function giveKeepsakesBack(
  { emit }: Pick<ApplyContext, "emit">,
  place: Place,
  name: string,
  keepsakes: readonly Keepsake[],
): Promise<void> {
  try {
    await onNewRoot(() => giveKeepsakes(place, name, keepsakes));
  } catch (error) {
    if (!(error instanceof IncusError) || error.status === 0) throw error;
    emit({
      type: "message",
      level: "warning",
      text: `The SSH host keys and the machine id of "${name}" are lost: ${messageOf(error)}`,
    });
  }
}

/**
 * Writes files into the root disk of a stopped instance that was rebuilt. The process that serves its files may still show
 * the deleted root, where everything is "not found": then once more when it has ended.
 */
export async function onNewRoot(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof IncusError) || error.status !== 404) throw error;
    await pause(fileServerMs);
    await write();
  }
}

// --- internal ---

async function readAll(client: IncusClient, project: string, name: string): Promise<Keepsake[]> {
  const folder = await client.getEntry(project, name, sshFolder);
  const keys = folder?.type === "directory" ? folder.names.filter((file) => hostKey.test(file)) : [];
  const paths = [machineId, ...keys.map((file) => `${sshFolder}/${file}`)];
  const files = await Promise.all(paths.map((path) => readKeepsake(client, project, name, path)));
  return files.filter((file) => file !== undefined);
}

async function readKeepsake(
  client: IncusClient,
  project: string,
  name: string,
  path: string,
): Promise<Keepsake | undefined> {
  const entry = await client.getEntry(project, name, path);
  if (entry?.type !== "file" || (path === machineId && !isMachineId(entry.content))) return undefined;
  const { content, uid, gid, mode } = entry;
  return { path, content, uid, gid, mode };
}

/** An empty machine id, or the word `uninitialized`, means that the first start makes one. */
async function isWanting(client: IncusClient, project: string, name: string, path: string): Promise<boolean> {
  const entry = await client.getEntry(project, name, path);
  return entry === undefined || (path === machineId && entry.type === "file" && !isMachineId(entry.content));
}

function isMachineId(content: Uint8Array): boolean {
  return /^[0-9a-f]{32}\s*$/.test(new TextDecoder().decode(content));
}
