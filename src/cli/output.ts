/** The result of a verb: words on stdout, or one JSON document. */
import type { Cli } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";
import type { ErrorOptions } from "./render/error.ts";
import { document, toJsonLine } from "./render/json.ts";
import { readSource } from "./render/source.ts";
import { colorsFor } from "./render/style.ts";

export interface TextOptions extends ErrorOptions {
  /** Columns of the terminal; 120 where there is none. */
  readonly width: number;
}

/** How text for a stream is to look. */
export function textOptions(cli: Cli, flags: GlobalFlags, stream: "stdout" | "stderr" = "stdout"): TextOptions {
  const out = cli.process[stream];
  return {
    colors: colorsFor(out, cli.env, flags.noColor),
    verbose: flags.verbose,
    showTrace: flags.showTrace,
    width: out.columns || 120,
    readSource: (file) => readSource(cli.projectRoot ?? cli.cwd, file),
  };
}

/** Writes a verb's result. `kind` and the fields are the JSON document, `render` makes the words. */
export function writeResult(
  cli: Cli,
  flags: GlobalFlags,
  kind: string,
  fields: object,
  render: (options: TextOptions) => string,
): void {
  cli.process.stdout.write(flags.json ? toJsonLine(document(kind, fields)) : render(textOptions(cli, flags)));
}
