/**
 * What an instance wrote to its console. Incus tells the console of a running container only once: a second reader gets what came since the first. Of
 * one that is stopped it tells everything since its start.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { IncusClient } from "./types.ts";

/** How often the console is read again; Incus has no way to wait for more of it. */
const followMs = 500;

/** Incus' status code. */
const stopped = 102;

/** A line that is not ended yet counts as one. */
export function lastLines(text: string, count: number): string {
  const lines = text.split(/(?<=\n)/);
  return lines.slice(-count).join("");
}

/** What comes after `shown`, as it comes; it goes on until the signal aborts. @throws AbortError, IncusError */
export async function* followConsole(
  client: IncusClient,
  { project, name }: { readonly project: string; readonly name: string },
  shown: string,
  signal: AbortSignal,
): AsyncGenerator<string, never> {
  const isRunning = async (): Promise<boolean> =>
    ((await client.getInstance(project, name, { signal }))?.value.status_code ?? 0) !== stopped;
  let known = shown;
  for (;;) {
    await sleep(followMs, undefined, { signal });
    const wasRunning = await isRunning();
    const text = await client.getConsoleLog(project, name, { signal });
    const part = wasRunning && (await isRunning()) ? text : newPart(known, text);
    if (part !== "") yield part;
    known = `${known}${part}`.slice(-knownLength);
  }
}

/** What is remembered to find the place in the whole console; Incus keeps this much of it. */
export const knownLength = 128 * 1024;

/** What comes after the part that is known, in the console as a whole; all of it where the known part is not in there. */
export function newPart(known: string, whole: string): string {
  const start = whole.lastIndexOf(known);
  return start < 0 ? whole : whole.slice(start + known.length);
}
