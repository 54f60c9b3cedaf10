/** One run of the command: this process, argv in, exit code out. */
import { runFloe } from "./app.ts";
import type { Cli } from "./context.ts";
import { watchSignals } from "./signals.ts";

/** Ends the process. */
export async function main(): Promise<void> {
  // The process's own: while the user's files load, a call of process.exit is thrown back at them.
  const exit = process.exit.bind(process);
  // A reader that has seen enough (`floe list | head -1`) closes the pipe; that is no error. But it does not end an apply half way.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (cli.outlivesReader !== true) exit(error.code === "EPIPE" ? 0 : 1);
  });
  process.stderr.on("error", () => {});

  const cli: Cli = {
    process: { stdout: process.stdout, stderr: process.stderr },
    argv: process.argv.slice(2),
    // Few verbs read anything, and opening it takes time.
    get stdin() {
      return process.stdin;
    },
    env: process.env,
    cwd: process.cwd(),
    signal: watchSignals(
      process,
      (text) => cli.notify(text),
      () => exit(130),
      (signal) => cli.intercept?.(signal) ?? false,
    ),
    notify: (text) => process.stderr.write(text),
    exitCode: 0,
  };
  const exitCode = await runFloe(cli.argv, cli);
  // Whatever was written to a pipe is flushed before the process ends.
  process.stdout.write("", () => process.stderr.write("", () => exit(exitCode)));
}
