/** What an instance says, as it says it: its journal where it has one, else its console. */

import { once } from "node:events";
import type { Writable } from "node:stream";
import { hasJournal, lastLines, writeJournal } from "../../pipeline.ts";
import type { LogSource } from "../protocol.ts";
import type { EventsOut } from "../router.ts";
import type { ConsoleTails } from "./console-tail.ts";
import { lineWriter } from "./line-writer.ts";
import type { Place } from "./place.ts";

export interface LogRequest {
  /** Of what was said before. */
  readonly lines: number;
  /** When the browser leaves. */
  readonly signal: AbortSignal;
}

/** As `floe logs --follow`. */
export async function streamLogs(
  place: Place,
  tails: ConsoleTails,
  request: LogRequest,
  out: Pick<EventsOut, "send" | "drained">,
): Promise<void> {
  const { client, project, name } = place;
  if (!(await hasJournal(client, project, name, { signal: request.signal })))
    return streamConsole(place, tails, request, out);
  out.send("source", { source: "journal" } satisfies LogSource);
  const lines = lineWriter(out);
  try {
    await writeJournal(client, project, name, { ...request, follow: true, stdout: lines, stderr: lines });
  } catch (error) {
    if (!request.signal.aborted) throw error;
  }
  await end(lines, request.signal);
  out.send("end", {});
}

/** As `floe logs --follow --console`. */
export async function streamConsole(
  place: Place,
  tails: ConsoleTails,
  { lines: count, signal }: LogRequest,
  out: Pick<EventsOut, "send" | "drained">,
): Promise<void> {
  const note = "Incus keeps the last 128 KiB of a console, and forgets it when it renames the instance";
  out.send("source", { source: "console", note } satisfies LogSource);
  const lines = lineWriter(out);
  let isFirst = true;
  const write = (part: string): void => {
    const text = isFirst ? lastLines(part, count) : part;
    isFirst = false;
    // A browser that does not read: what a console says meanwhile is not worth the memory.
    if (text !== "" && lines.writableLength < waitingLimit) lines.write(text);
  };
  await tails.follow(place, write, signal);
  await end(lines, signal);
  out.send("end", {});
}

// --- internal ---

/** Bytes. */
const waitingLimit = 1024 * 1024;

async function end(lines: Writable, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    lines.destroy();
    return;
  }
  lines.end();
  await once(lines, "finish");
}
