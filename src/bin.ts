#!/usr/bin/env node
/** The command: argv in, exit code out. The only place that ends the process. */
import { runFloe } from "./cli/app.ts";
import type { Cli } from "./cli/context.ts";
import { watchSignals } from "./cli/signals.ts";

// A reader that has seen enough (`floe list | head -1`) closes the pipe; that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
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
    () => process.exit(130),
  ),
  notify: (text) => process.stderr.write(text),
  exitCode: 0,
};
const exitCode = await runFloe(cli.argv, cli);
// Whatever was written to a pipe is flushed before the process ends.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
