/** A verb of the command line: what help prints, and the command that runs it. */
import type { Command } from "@stricli/core";
import type { Cli } from "./context.ts";

export const groups = ["Start", "The project", "The fleet", "Hosts", "One instance", "Storage", "Servers"] as const;
export type Group = (typeof groups)[number];

export interface Example {
  readonly command: string;
  readonly what: string;
}

export interface Verb {
  readonly name: string;
  readonly group: Group;
  /** The arguments, as in the usage line: `[FILE | SELECTOR...]`. */
  readonly usage: string;
  /** Paragraphs. */
  readonly details: readonly string[];
  readonly examples: readonly [Example, ...Example[]];
  /** Its `brief` is the line in the list of verbs; the action behind it is loaded only when it runs. */
  readonly command: Command<Cli>;
}
