/** What a verb's action gets as `this`: the process it runs in, as plain parts that a test can replace. */
import type { CommandContext } from "@stricli/core";

/** A stream that text goes to. */
export interface OutStream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where the words come from. */
export interface InStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
}

export interface Cli extends CommandContext {
  /** `exitCode` in here is stricli's, not ours. */
  readonly process: { readonly stdout: OutStream; readonly stderr: OutStream; exitCode?: number | string | null };
  /** The words behind `floe`, as they were typed. */
  readonly argv: readonly string[];
  readonly stdin: InStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; the project is looked for from here upwards. */
  readonly cwd: string;
  /** Aborts on the first Ctrl-C, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Set by a verb that has its own way of ending: true means that it deals with this signal. */
  intercept?: (signal: NodeJS.Signals) => boolean;
  /** Set by a verb that changes something: it comes to its end, and to its own exit code, whether or not anybody still reads stdout. */
  outlivesReader?: boolean;
  /** The project's folder, once an action has found it: errors name files relative to it. */
  projectRoot?: string;
  /** Says something on stderr at any time, also while progress is drawn there. */
  notify: (text: string) => void;
  /** What floe ends with when the action returns; an error that is thrown brings its own. */
  exitCode: number;
}
