import { setTimeout as sleep } from "node:timers/promises";
import { load } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { openInstance } from "../instance.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { document, toJsonLine } from "../render/json.ts";

export interface LogsFlags extends GlobalFlags {
  readonly follow: boolean;
}

/** How often the console is read again; Incus has no way to wait for more of it. */
const followMs = 500;

export async function logs(this: Cli, flags: LogsFlags, word: string): Promise<void> {
  const { stdout } = this.process;
  const fleet = await withProgress(this, flags, ({ emit }) =>
    load(openProject(this, flags), { emit, signal: this.signal }),
  );
  const { client, project, name } = await openInstance(this, fleet, word);
  const read = (): Promise<string> => client.getConsoleLog(project, name, { signal: this.signal });
  try {
    let shown = await read();
    if (shown === "" && !flags.follow) {
      this.process.stderr.write(`The console of ${name} is empty; this is what Incus itself logged\n`);
      shown = (await client.getLogFile(project, name, "lxc.log", { signal: this.signal })) ?? "";
    }
    const write = (text: string): unknown =>
      text !== "" && stdout.write(flags.json ? toJsonLine(document("logs", { name, text })) : text);
    write(shown);
    if (flags.follow) await follow(this, read, shown, write);
  } finally {
    client.close();
  }
}

/** Until Ctrl-C, which is how following ends: that needs no words. */
async function follow(
  cli: Cli,
  read: () => Promise<string>,
  start: string,
  write: (text: string) => unknown,
): Promise<void> {
  cli.notify = () => {};
  let shown = start;
  try {
    while (!cli.signal.aborted) {
      await sleep(followMs, undefined, { signal: cli.signal });
      const now = await read();
      write(newPart(shown, now));
      shown = now;
    }
  } catch (error) {
    if (!cli.signal.aborted) throw error;
  }
  cli.exitCode = 130;
}

/** What came since; the console is a ring, so its beginning may be gone. */
export function newPart(before: string, now: string): string {
  if (now.startsWith(before)) return now.slice(before.length);
  for (let start = Math.max(0, before.length - now.length); start < before.length; start += 1) {
    if (now.startsWith(before.slice(start))) return now.slice(before.length - start);
  }
  return now;
}
