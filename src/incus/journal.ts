/** The journal of systemd in an instance: Incus has no request for it, so it is asked for with a command. */
import { FloeError } from "../errors.ts";
import { insidePath } from "./inside-path.ts";
import type { Cancellable, ExecStreams, IncusClient } from "./types.ts";

export interface JournalOptions {
  /** Only the last so many; absent: everything since the last boot. */
  readonly lines?: number;
  /** Go on until the signal aborts. */
  readonly follow: boolean;
  /** As `journalctl --unit`: a name or a glob. */
  readonly unit?: string;
}

/** True when the instance runs and has a journal to read. */
export async function hasJournal(
  client: IncusClient,
  project: string,
  name: string,
  { signal }: Cancellable = {},
): Promise<boolean> {
  const command = ["/bin/sh", "-c", "command -v journalctl && test -d /run/systemd/system"];
  try {
    return (await client.exec(project, name, command, { signal, environment: { PATH: insidePath } })).exitCode === 0;
  } catch (error) {
    if (error instanceof FloeError && signal?.aborted !== true) return false;
    throw error;
  }
}

/** Writes the journal as people read it; answers the exit code. */
export function writeJournal(
  client: IncusClient,
  project: string,
  name: string,
  options: JournalOptions & Pick<ExecStreams, "stdout" | "stderr"> & Cancellable,
): Promise<number> {
  const { stdout, stderr, signal } = options;
  const environment = { PATH: insidePath };
  return client.execStream(project, name, journalCommand(options), { stdout, stderr }, { signal, environment });
}

/** What prints the journal. */
export function journalCommand({ lines, follow, unit }: JournalOptions): string[] {
  return [
    "journalctl",
    "--no-pager",
    ...(unit === undefined ? [] : [`--unit=${unit}`]),
    ...(lines === undefined ? ["--boot"] : [`--lines=${lines}`]),
    ...(follow ? ["--follow", ...(lines === undefined ? ["--no-tail"] : [])] : []),
  ];
}
