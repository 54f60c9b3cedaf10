import { FloeError } from "../../errors.ts";
import { type InstanceConnection, load, loginShell } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { openInstance } from "../instance.ts";
import { textOptions } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError } from "../render/error.ts";
import { document, toJsonLine } from "../render/json.ts";
import { rawTerminal } from "../terminal.ts";

export async function exec(this: Cli, flags: GlobalFlags, ...words: string[]): Promise<void> {
  const [word = "", ...rest] = words;
  const command = rest.length === 0 ? loginShell : rest;
  const fleet = await withProgress(this, flags, ({ emit }) =>
    load(openProject(this, flags), { emit, signal: this.signal }),
  );
  const { client, project, name } = await openInstance(this, fleet, word);
  try {
    await runIn(this, flags, { client, project, name }, command);
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === undefined || flags.json) throw error;
    this.process.stderr.write(`${renderError(error as FloeError, textOptions(this, flags, "stderr"))}\n`);
    this.exitCode = code;
  } finally {
    client.close();
  }
}

// --- internal ---

async function runIn(
  cli: Cli,
  flags: GlobalFlags,
  { client, project, name }: InstanceConnection,
  command: readonly string[],
): Promise<void> {
  if (flags.json) {
    const result = await client.exec(project, name, command, { signal: cli.signal });
    cli.process.stdout.write(toJsonLine(document("exec", { name, ...result })));
    cli.exitCode = result.exitCode;
    return;
  }
  const terminal = rawTerminal(cli);
  try {
    cli.exitCode = await client.execStream(project, name, command, terminal.streams, {
      signal: cli.signal,
      environment: terminal.environment,
    });
  } finally {
    terminal.restore();
  }
}

/** As a shell ends: 127 for a program that is not there, 126 for one that cannot be run. */
function exitCodeOf(error: unknown): number | undefined {
  if (!(error instanceof FloeError)) return undefined;
  if (error.message.endsWith(": Command not found")) return 127;
  return error.message.endsWith(": Command not executable") ? 126 : undefined;
}
