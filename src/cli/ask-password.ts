/** Asking for passwords at the terminal. */
import { CancelledError } from "../errors.ts";
import { canAsk } from "./confirm.ts";
import type { Cli } from "./context.ts";

/** Asks a person, one question at a time, however many machines want one; undefined when nobody can be asked. Nothing is shown of the answer. */
export function passwordQuestions(cli: Cli): (question: { readonly prompt: string }) => Promise<string | undefined> {
  let before: Promise<unknown> = Promise.resolve();
  return ({ prompt }) => {
    if (!canAsk(cli)) return Promise.resolve(undefined);
    const answer = before.then(() => ask(cli, prompt));
    before = answer.catch(() => undefined);
    return answer;
  };
}

// --- internal ---

async function ask(cli: Cli, message: string): Promise<string> {
  const prompts = await import("@clack/prompts");
  const answer = await prompts.password({
    message,
    input: cli.stdin as NodeJS.ReadStream,
    output: cli.process.stderr as NodeJS.WriteStream,
    signal: cli.signal,
  });
  if (prompts.isCancel(answer)) throw new CancelledError("Cancelled at the question; nothing was changed");
  return answer;
}
