/**
 * Inside a container that is updated in place: switching it to a system, and moving the link it boots. What is run there
 * needs no more than a POSIX shell, coreutils and sed, which every NixOS has, and systemd only where it runs.
 */
import { FloeError } from "../../errors.ts";
import type { ExecResult, IncusClient } from "../../incus/types.ts";
import type { Generation } from "../../plan/generations.ts";
import { statusOf } from "../../plan/observed.ts";
import { lastLine } from "../../util/last-line.ts";
import { pause } from "../../util/pause.ts";
import { messageOf } from "../context.ts";
import { bootScript, startScript, waitScript } from "./scripts.ts";

export interface Guest {
  readonly client: IncusClient;
  readonly project: string;
  /** As Incus knows it. */
  readonly name: string;
}

/** How a switch ended. */
export interface Switched {
  /** Of `switch-to-configuration`; undefined when it ended without saying so. */
  readonly exitCode: number | undefined;
  /** The store path of the system that runs now. */
  readonly system: string;
  /** The one that the container booted: its first process still has it open. */
  readonly booted: string;
  /** The end of what it printed. */
  readonly log: string;
}

/** Activating a system may take long where it migrates data; by then it is given up. */
const switchMs = 300_000;
/** One look waits for the end of the switch no longer than this, so that a connection that was cut is noticed. */
const lookSeconds = 15;
/** Looks may fail for this long: the switch may restart what they need, and the server may be restarted. */
const blindMs = 30_000;
const longestPauseMs = 1_000;

export interface Switch {
  /** Of this attempt. */
  readonly id: string;
  readonly system: string;
  /** The container goes back to the system `before` by itself, unless `setBoot` confirms the switch within so many seconds. */
  readonly unconfirmed?: { readonly before: string; readonly seconds: number };
}

/**
 * Begins the switch, in a process that does not end with this call or its connection. A switch that is still under way
 * there, of a floe that was killed, is ended first. @throws FloeError
 */
export async function startSwitch(guest: Guest, { id, system, unconfirmed }: Switch): Promise<void> {
  const { before = system, seconds = 0 } = unconfirmed ?? {};
  const { exitCode, stdout, stderr } = await shell(guest, startScript, [system, id, before, String(seconds)]);
  if (exitCode !== 0)
    throw new FloeError(`The switch of "${guest.name}" could not be started: ${lastLine(stderr || stdout)}`);
}

/** Waits for its end, over connections of its own. @throws FloeError when it does not end, or cannot be asked */
export async function awaitSwitch(guest: Guest, id: string): Promise<Switched> {
  const deadline = performance.now() + switchMs;
  let seen = performance.now();
  for (let failures = 0; ; ) {
    try {
      const { exitCode, stdout, stderr } = await shell(guest, waitScript, [id, String(lookSeconds)]);
      if (exitCode !== 0) throw new FloeError(lastLine(stderr || stdout));
      const found = readAnswer(stdout);
      if (found !== undefined) return found;
      failures = 0;
      seen = performance.now();
    } catch (error) {
      failures += 1;
      if (performance.now() - seen > blindMs || (await isDown(guest)))
        throw new FloeError(`The switch of "${guest.name}" cannot be followed: ${messageOf(error)}`, { cause: error });
      await pause(Math.min(100 * failures, longestPauseMs));
    }
    if (performance.now() > deadline)
      throw new FloeError(`The switch of "${guest.name}" is not over after ${switchMs / 60_000} minutes`);
  }
}

/**
 * Makes a generation the one that the running container boots, in one step of its file system, and drops the links of
 * those that are not kept. The switch `id` counts as confirmed.
 * @throws FloeError, also when the container has switched back by itself
 */
export async function setBoot(
  guest: Guest,
  { number, system }: Generation,
  kept: readonly number[],
  id = "",
): Promise<void> {
  const { exitCode, stderr } = await shell(guest, bootScript, [id, system, String(number), ...kept.map(String)]);
  if (exitCode !== 0)
    throw new FloeError(`The system that "${guest.name}" boots could not be set: ${lastLine(stderr)}`);
}

const profiles = "/nix/var/nix/profiles";

/**
 * The same for one that is stopped. Incus can only take a link away and make another: whoever finds neither sees from the
 * labels which it has to be.
 */
export async function setBootOfStopped(
  { client, project, name }: Guest,
  { number, system }: Generation,
  kept: readonly number[],
): Promise<void> {
  const own = linkOf(number);
  await client.putLink(project, name, `${profiles}/${own}`, system);
  await client.putLink(project, name, `${profiles}/system`, own);
  const links = await client.getEntry(project, name, profiles);
  const names = links?.type === "directory" ? links.names : [];
  const old = names.filter(
    (found) => /^system-\d+-link$/.test(found) && ![number, ...kept].map(linkOf).includes(found),
  );
  for (const link of old) {
    const query = new URLSearchParams({ project, path: `${profiles}/${link}` });
    await client.request("DELETE", `/1.0/instances/${encodeURIComponent(name)}/files?${query}`);
  }
}

// --- internal ---

/** It ended during the switch; not when that cannot be told. */
async function isDown({ client, project, name }: Guest): Promise<boolean> {
  const found = await client.getInstance(project, name).catch(() => null);
  return found === undefined || (found !== null && statusOf(found.value.status_code) !== "running");
}

function linkOf(number: number): string {
  return `system-${number}-link`;
}

/** @throws FloeError without the script in its message, when it could not be run */
async function shell({ client, project, name }: Guest, script: string, args: readonly string[]): Promise<ExecResult> {
  try {
    return await client.exec(project, name, ["/bin/sh", "-c", script, "floe", ...args]);
  } catch (cause) {
    const reason = messageOf(cause).split(`in the instance "${name}": `).at(-1);
    throw new FloeError(`Nothing can be run in "${name}": ${reason}`, { cause });
  }
}

/** Undefined: it is not over. */
function readAnswer(text: string): Switched | undefined {
  const [state = "", system = "", booted = "", ...log] = text.split("\n");
  if (state === "running") return undefined;
  const exitCode = state === "lost" ? undefined : Number(state);
  if (exitCode !== undefined && !Number.isInteger(exitCode))
    throw new FloeError(`An answer was expected, not "${state}"`);
  return { exitCode, system, booted, log: log.join("\n").trim() };
}
