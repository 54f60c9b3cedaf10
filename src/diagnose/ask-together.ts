/** Questions of several explanations, asked in one nix process: what it reads for one it need not read for the next. */
import type { AskedOutput, Asking } from "../nix/ask.ts";

/** The answer to a function of an output of the flake; undefined when nix cannot answer. */
export type AskTogether = (output: AskedOutput, fn: string) => Promise<unknown>;

/** Gathers what is asked until nothing else is to be done, and asks it at once. */
export function askTogether(asking: <T>(work: (asking: Asking) => Promise<T>) => Promise<T>): AskTogether {
  let waiting: Question[] = [];
  const askAll = async () => {
    const questions = waiting;
    waiting = [];
    const outputs = [...new Set(questions.map(({ output }) => output))];
    await asking(async ({ ask }) => {
      for (const output of outputs) {
        const own = questions.filter((question) => question.output === output);
        await answerAll(own, (fn) => ask(fn, output));
      }
    }).catch(() => {});
    for (const { answer } of questions) answer(undefined);
  };
  return (output, fn) =>
    new Promise((answer) => {
      if (waiting.length === 0) setImmediate(askAll);
      waiting.push({ output, fn, answer });
    });
}

// --- internal ---

interface Question {
  readonly output: AskedOutput;
  readonly fn: string;
  /** Only the first call counts. */
  readonly answer: (value: unknown) => void;
}

/** A question that nix fails at takes the others with it: then each is asked alone. */
async function answerAll(questions: readonly Question[], ask: Asking["ask"]): Promise<void> {
  const functions = [...new Set(questions.map(({ fn }) => fn))];
  const together = await ask(`machines: [ ${functions.map((fn) => `((${fn}) machines)`).join(" ")} ]`);
  for (const [index, fn] of functions.entries()) {
    const alone = together.ok || functions.length === 1 ? undefined : await ask(fn);
    const value =
      together.ok && Array.isArray(together.value) ? together.value[index] : alone?.ok ? alone.value : undefined;
    for (const question of questions) if (question.fn === fn) question.answer(value);
  }
}
