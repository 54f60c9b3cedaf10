/** Where every error ends: words on stderr, a document on stdout with `--json`, and an exit code. */
import { CancelledError, FloeError } from "../errors.ts";
import { asSystemError } from "../util/system-error.ts";
import type { Cli } from "./context.ts";
import { renderError } from "./render/error.ts";
import { errorDocument, toJsonLine } from "./render/json.ts";
import { readSource } from "./render/source.ts";
import { colorsFor } from "./render/style.ts";

/** Exit code of anything that is not a FloeError. */
const bug = 1;

/** Reports an error and answers the exit code. What a signal interrupted counts as cancelled, however it ended. */
export function reportError(thrown: unknown, argv: readonly string[], cli: Cli): number {
  const error = wasCancelled(thrown, cli) ? cancelled(thrown) : asSystemError(thrown);
  const words = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  const colors = colorsFor(cli.process.stderr, cli.env, words.includes("--no-color"));
  const verbose = words.includes("--verbose") || words.includes("-v");
  cli.process.stderr.write(
    renderError(error, {
      colors,
      verbose,
      showTrace: words.includes("--show-trace"),
      readSource: (file) => readSource(cli.projectRoot ?? cli.cwd, file),
    }),
  );
  if (words.includes("--json")) cli.process.stdout.write(toJsonLine(errorDocument(error)));
  return error instanceof FloeError ? error.exitCode : bug;
}

function wasCancelled(error: unknown, cli: Cli): boolean {
  if (!cli.signal.aborted || error instanceof CancelledError) return false;
  // An undo that failed, or a result that is already known, says more than "stopped".
  return !(error instanceof FloeError) || error.exitCode === 1;
}

function cancelled(cause: unknown): CancelledError {
  return new CancelledError("Stopped", { cause });
}
