/** How commands get to a machine: the one thing in which the kinds of machines differ. */
import type { Readable, Writable } from "node:stream";
import type { CommandOptions, CommandResult } from "./machine.ts";

export interface TransportOptions extends Omit<CommandOptions, "root" | "input" | "timeoutMs"> {
  readonly input?: string | Uint8Array | Readable | undefined;
  /** Where stdout goes instead of into the result. */
  readonly output?: Writable | undefined;
  /** Absent: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

export interface Transport {
  /** For messages. */
  readonly where: string;
  /**
   * Runs a program as the user that floe comes in as; the words reach it as they are.
   * @throws ConnectionError, CancelledError
   */
  exec(argv: readonly [string, ...string[]], options: TransportOptions): Promise<CommandResult>;
  /** Ends what is kept open; `disconnect`: also what outlives this process otherwise. */
  close(options?: { readonly disconnect?: boolean }): Promise<void>;
}
