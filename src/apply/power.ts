/** Starting, stopping and deleting, with the patience that a busy server needs. */
import { FloeError, IncusError } from "../errors.ts";
import type { IncusClient, IncusInstance } from "../incus/types.ts";
import { decodeApplied } from "../plan/applied.ts";
import { label } from "../plan/labels.ts";
import { statusOf } from "../plan/observed.ts";
import { holderOf, portsOf } from "../plan/ports.ts";
import type { Emit } from "../report/events.ts";
import { readListeners } from "../util/listeners.ts";
import { pause } from "../util/pause.ts";
import { editInstance } from "./edit.ts";
import { readInstance } from "./objects.ts";

/** Incus' own default for `boot.host_shutdown_timeout`. */
const defaultStopSeconds = 30;
/** A server that does something else with an instance is asked again for this long. */
const busyMs = 60_000;
const renameAttempts = 10;
/** What is left of a container that has ended is cleared away within this time. */
const endingMs = 10_000;

export interface Place {
  readonly client: IncusClient;
  readonly project: string;
}

/** Cleanly, within the time that the instance is given for it; then by force, and says so. */
export async function stopInstance(
  { client, project }: Place,
  name: string,
  emit: Emit,
  longestMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const found = await client.getInstance(project, name);
  if (found === undefined || statusOf(found.value.status_code) === "stopped") return;
  const timeoutMs = Math.min(stopTimeoutMs(found.value), longestMs);
  try {
    await whenFree(() => client.setInstanceState(project, name, "stop", { timeoutMs }));
  } catch {
    if (await isStopped(client, project, name)) return;
    emit({
      type: "message",
      level: "warning",
      text: `"${name}" did not stop within ${Math.round(timeoutMs / 1000)} s and was ended by force`,
    });
    await endInstance({ client, project }, name);
  }
}

/** @throws IncusError; one that names who has the port, where a forwarded port is in use on this machine */
export async function startInstance({ client, project }: Place, name: string): Promise<void> {
  try {
    await whenFree(() => client.setInstanceState(project, name, "start"));
  } catch (error) {
    const taken = await takenPort({ client, project }, name, error).catch(() => undefined);
    if (taken === undefined) throw error;
    throw new IncusError(`Cannot start the instance "${name}": the port ${taken.port} is held by ${taken.holder}`, {
      hint: "Choose another port, or stop what listens there",
      cause: error,
    });
  }
}

/**
 * Renames, or finds that it is renamed. Incus ends a rename by moving the instance's log folder, and that fails ("file
 * exists") when somebody lists the instances at that very moment: then everything else about it has happened. One that
 * ends by itself counts as running for a moment longer, and is tried again.
 */
export async function renameInstance({ client, project }: Place, name: string, newName: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await whenFree(() => client.renameInstance(project, name, newName));
    } catch (error) {
      const [before, after] = [await client.getInstance(project, name), await client.getInstance(project, newName)];
      if (before === undefined && after !== undefined) return;
      if (before === undefined || after !== undefined || attempt === renameAttempts) throw error;
      await pause(100 * attempt);
    }
  }
}

/**
 * Deletes a stopped instance, or keeps it as NAME-kept when it has snapshots or somebody protected it: those are the
 * user's. Volumes are never part of an instance. Answers the name it was kept under.
 */
export async function discardInstance(
  { client, project }: Place,
  name: string,
  logicalName: string,
): Promise<string | undefined> {
  const found = await readInstance(client, project, name);
  if (found === undefined) return undefined;
  const isProtected = found.config["security.protection.delete"] === "true";
  const byFloe = decodeApplied(found.config).config["security.protection.delete"] !== undefined;
  if ((found.snapshots?.length ?? 0) > 0 || (isProtected && !byFloe))
    return keepInstance({ client, project }, name, logicalName);
  if (isProtected)
    await editInstance(client, project, name, (body) => ({
      ...body,
      config: { ...body.config, "security.protection.delete": "false" },
    }));
  await whenFree(() => client.deleteInstance(project, name));
  return undefined;
}

/** Tries again while the server is busy with the instance. */
export async function whenFree<T>(action: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + busyMs;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const isBusy = error instanceof IncusError && /is busy|busy running/i.test(error.message);
      if (!isBusy || performance.now() > deadline) throw error;
      await pause(200);
    }
  }
}

// --- internal ---

/** Incus only says that the process of a proxy device did not answer; the kernel knows more. */
async function takenPort(
  { client, project }: Place,
  name: string,
  error: unknown,
): Promise<ReturnType<typeof holderOf>> {
  if (!client.isLocal || !/proxy/i.test((error as Error).message)) return undefined;
  const devices = (await client.getInstance(project, name))?.value.expanded_devices ?? {};
  return holderOf(devices, await readListeners(portsOf(devices)));
}

/** One that ends by itself at that moment is "not running" to Incus, and a moment later it is stopped. */
async function endInstance({ client, project }: Place, name: string): Promise<void> {
  try {
    await whenFree(() => client.setInstanceState(project, name, "stop", { force: true }));
  } catch (error) {
    const deadline = performance.now() + endingMs;
    while (!(await isStopped(client, project, name))) {
      if (performance.now() > deadline) throw error;
      await pause(200);
    }
  }
}

function stopTimeoutMs(instance: IncusInstance): number {
  const seconds = Number(instance.expanded_config["boot.host_shutdown_timeout"] ?? defaultStopSeconds);
  return (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultStopSeconds) * 1000;
}

async function isStopped(client: IncusClient, project: string, name: string): Promise<boolean> {
  const found = await client.getInstance(project, name);
  return found === undefined || statusOf(found.value.status_code) === "stopped";
}

async function keepInstance({ client, project }: Place, name: string, logicalName: string): Promise<string> {
  const newName = await freeName(client, project, `${logicalName}-kept`);
  await editInstance(client, project, name, (body) => ({
    ...body,
    config: { ...body.config, [label.role]: "kept", "boot.autostart": "false" },
  }));
  await renameInstance({ client, project }, name, newName);
  return newName;
}

async function freeName(client: IncusClient, project: string, base: string): Promise<string> {
  for (let number = 1; number < 100; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if ((await client.getInstance(project, name)) === undefined) return name;
  }
  throw new FloeError(`There are too many instances named "${base}"`, {
    hint: `Delete those that you do not need: incus delete ${base}`,
  });
}
