/** Asking before something changes. */
import { CancelledError, UsageError } from "../errors.ts";
import type { Cli } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";

/** Can a person be asked? Only when both ends of the conversation are a terminal. */
export function canAsk(cli: Cli): boolean {
  return cli.stdin.isTTY === true && cli.process.stderr.isTTY === true;
}

/**
 * True when the user agrees, or said so beforehand with `--yes`.
 * @throws UsageError when nobody can be asked, CancelledError when the question is answered with Ctrl-C
 */
export async function confirm(cli: Cli, flags: GlobalFlags, question: string): Promise<boolean> {
  if (flags.yes) return true;
  if (!canAsk(cli) || flags.json) {
    throw new UsageError("Cannot ask whether to go on: this is no terminal", {
      hint: "Add --yes when it shall be done without a question",
    });
  }
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({
    message: question,
    initialValue: false,
    input: cli.stdin as NodeJS.ReadStream,
    output: cli.process.stderr as NodeJS.WriteStream,
    signal: cli.signal,
  });
  if (prompts.isCancel(answer)) throw new CancelledError("Cancelled at the question; nothing was changed");
  return answer;
}

/** One of several answers. */
export async function choose<T extends string>(
  cli: Cli,
  question: string,
  options: readonly { readonly value: T; readonly label: string; readonly hint: string }[],
): Promise<T> {
  const prompts = await import("@clack/prompts");
  const answer = await prompts.select<string>({
    message: question,
    options: [...options],
    input: cli.stdin as NodeJS.ReadStream,
    output: cli.process.stderr as NodeJS.WriteStream,
    signal: cli.signal,
  });
  if (prompts.isCancel(answer)) throw new CancelledError("Cancelled at the question; nothing was written");
  return answer as T;
}
