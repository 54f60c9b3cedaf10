/** The user's terminal as the streams of a command in an instance. */
import type { ExecStreams } from "../pipeline.ts";
import type { Cli } from "./context.ts";

export interface ConnectedTerminal {
  readonly streams: ExecStreams;
  readonly environment: Readonly<Record<string, string>>;
  /** Gives the terminal back as it was. */
  restore(): void;
}

/** Interactive (keys go through one by one, Ctrl-C too) when both ends are a terminal, else plain streams. */
export function rawTerminal(cli: Cli): ConnectedTerminal {
  const stdin = cli.stdin as NodeJS.ReadStream;
  const stdout = cli.process.stdout as NodeJS.WriteStream;
  const stderr = cli.process.stderr as NodeJS.WriteStream;
  if (stdin.isTTY !== true || stdout.isTTY !== true)
    return { streams: { stdin, stdout, stderr }, environment: {}, restore: () => stdin.pause() };
  stdin.setRawMode(true);
  const onResize = (listener: (columns: number, rows: number) => void): (() => void) => {
    const resized = (): void => listener(stdout.columns, stdout.rows);
    stdout.on("resize", resized);
    return () => stdout.off("resize", resized);
  };
  return {
    streams: { stdin, stdout, stderr, terminal: { columns: stdout.columns, rows: stdout.rows, onResize } },
    environment: { TERM: cli.env["TERM"] ?? "xterm" },
    restore: () => {
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
