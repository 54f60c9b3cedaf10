/** A verb of the command line: what help prints, and the command that runs it. */
import { type BaseArgs, buildCommand, type Command, type CommandBuilderArguments } from "@stricli/core";
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
  readonly command: VerbCommand;
}

export interface VerbCommand {
  /** The line in the list of verbs. */
  readonly brief: string;
  /** As stricli takes it; the action behind it is loaded only when it runs. */
  readonly build: () => Command<Cli>;
}

/** As stricli's `buildCommand`, but for its checks: those of all verbs take milliseconds, at every start, and only one is run. */
export function describeCommand<
  const FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>> = NonNullable<unknown>,
  const ARGS extends BaseArgs = [],
>(described: CommandBuilderArguments<FLAGS, ARGS, Cli>): VerbCommand {
  return { brief: described.docs.brief, build: () => buildCommand(described) };
}
