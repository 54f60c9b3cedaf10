import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { FloeError, UsageError } from "../../errors.ts";
import {
  followConsole,
  hasJournal,
  history,
  type InstanceConnection,
  lastLines,
  load,
  writeJournal,
} from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { openInstance } from "../instance.ts";
import { lastFailure } from "../last-failure.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { document, toJsonLine } from "../render/json.ts";

export interface LogsFlags extends GlobalFlags {
  readonly follow: boolean;
  readonly lines?: number;
  readonly unit?: string;
  readonly console: boolean;
}

export async function logs(this: Cli, flags: LogsFlags, word: string): Promise<void> {
  if (flags.console && flags.unit !== undefined)
    throw new UsageError("--unit is about the journal and --console is not", { hint: "Leave out one of them" });
  const fleet = await withProgress(this, flags, ({ emit }) =>
    load(openProject(this, flags), { emit, signal: this.signal }),
  );
  const instance = await openInstance(this, fleet, word);
  const { client, project, name } = instance;
  try {
    const isJournal = !flags.console && (await hasJournal(client, project, name, { signal: this.signal }));
    if (!isJournal && flags.unit !== undefined)
      throw new FloeError(`The instance "${name}" has no journal: it is stopped, or runs no systemd`, {
        hint: `Its console: floe logs ${name} --console`,
      });
    const write = (text: string): void => {
      const source = isJournal ? "journal" : "console";
      if (text !== "")
        this.process.stdout.write(flags.json ? toJsonLine(document("logs", { name, source, text })) : text);
    };
    await (isJournal ? journal(this, flags, instance, write) : readConsole(this, flags, instance, write));
  } finally {
    client.close();
  }
}

// --- internal ---

type Write = (text: string) => void;

async function journal(
  cli: Cli,
  { follow, lines, unit }: LogsFlags,
  { client, project, name }: InstanceConnection,
  write: Write,
): Promise<void> {
  const { signal } = cli;
  const stdout = textSink(write);
  const stderr = textSink((text) => cli.process.stderr.write(text));
  if (follow) cli.notify = () => {};
  try {
    const options = { follow, stdout, stderr, signal, ...defined({ lines, unit }) };
    cli.exitCode = await writeJournal(client, project, name, options);
  } catch (error) {
    if (!follow || !signal.aborted) throw error;
    // Ctrl-C is how following ends: that needs no words.
    cli.exitCode = 130;
  }
}

/** Characters of several bytes may come in two pieces. */
function textSink(write: Write): Writable {
  const decoder = new StringDecoder("utf8");
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      write(decoder.write(chunk));
      done();
    },
  });
}

async function readConsole(
  cli: Cli,
  { follow: isFollowed, lines }: LogsFlags,
  { client, project, name }: InstanceConnection,
  write: Write,
): Promise<void> {
  const shown = await client.getConsoleLog(project, name, { signal: cli.signal });
  if (shown === "" && !isFollowed) {
    const { why, text } = await insteadOfConsole(cli, { client, project, name });
    cli.process.stderr.write(`${why}\n`);
    return write(lines === undefined ? text : lastLines(text, lines));
  }
  write(lines === undefined ? shown : lastLines(shown, lines));
  if (isFollowed) await follow(cli, { client, project, name }, shown, write);
}

/** Incus forgets the console and the log of an instance as it renames it, and one that was not healthy is renamed. */
async function insteadOfConsole(
  cli: Cli,
  { client, project, name }: InstanceConnection,
): Promise<{ readonly why: string; readonly text: string }> {
  const logged = (await client.getLogFile(project, name, "lxc.log", { signal: cli.signal })) ?? "";
  if (logged.trim() !== "")
    return {
      why: `The console of ${name} says nothing since it was last read; this is what Incus itself logged`,
      text: logged,
    };
  const logical = name.replace(/-(failed|previous)$/, "");
  if (logical === name) return { why: `The console of ${name} says nothing, and Incus has logged nothing`, text: "" };
  const forgotten = `Incus forgets the console of an instance that it renames, as it renamed ${name}`;
  const address = `${client.server.name}/${project}/${logical}`;
  const found = name.endsWith("-failed") ? lastFailure(history(cli.projectRoot ?? cli.cwd), address) : undefined;
  return found === undefined
    ? { why: `${forgotten}: there is nothing to show`, text: "" }
    : {
        why: `${forgotten}; this is how it failed on ${found.at.replace("T", " ").slice(0, 16)}`,
        text: `${found.text}\n`,
      };
}

/** Until Ctrl-C, which is how following ends: that needs no words. */
async function follow(cli: Cli, instance: InstanceConnection, shown: string, write: Write): Promise<void> {
  cli.notify = () => {};
  try {
    for await (const part of followConsole(instance.client, instance, shown, cli.signal)) write(part);
  } catch (error) {
    if (!cli.signal.aborted) throw error;
  }
  cli.exitCode = 130;
}
