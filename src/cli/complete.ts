/** What could stand at the end of a command line, for the shells' completion: a line each, the word, a tab, what it is. */
import { resolve } from "node:path";
import { type Application, type InputCompletion, proposeCompletions } from "@stricli/core";
import { splitLeadingFlags, takesValue } from "./argv.ts";
import type { Cli } from "./context.ts";

/** `words` are those behind `floe`, the last one as far as it is typed. A completion never fails: where nothing is known it says nothing. */
export async function complete(
  app: Application<Cli>,
  words: readonly string[],
  cli: Cli,
  furtherWords: (verb: string) => readonly { readonly completion: string; readonly brief: string }[] = () => [],
): Promise<number> {
  // The folder of -C is for the shell to complete.
  if (takesValue(words.at(-2) ?? "")) return 0;
  const { leading, rest } = splitLeadingFlags(words.slice(0, -1));
  const inputs = [...rest, words.at(-1) ?? ""];
  try {
    const cwd = resolve(cli.cwd, projectOf([...leading, ...rest]) ?? ".");
    const partial = inputs.at(-1) ?? "";
    const further = inputs.length === 2 ? furtherWords(inputs[0] ?? "") : [];
    const found = [
      ...further
        .filter(({ completion }) => completion.startsWith(partial))
        .map((word) => ({ kind: "routing-target:command" as const, ...word })),
      ...(await proposeCompletions(app, inputs, { ...cli, cwd })),
    ];
    const lines = relevant(found, partial).map(lineOf);
    cli.process.stdout.write([...new Set(lines)].join(""));
  } catch {
    // The line that is being typed may be wrong in many ways; running it will say so.
  }
  return 0;
}

// --- internal ---

/** Flags only where one is begun, or where nothing else is left to say. */
function relevant(found: readonly InputCompletion[], partial: string): readonly InputCompletion[] {
  const words = found.filter(({ kind }) => kind !== "argument:flag");
  const flags = found.filter(({ kind, completion }) => kind === "argument:flag" && completion !== "--");
  return partial.startsWith("-") || words.length === 0 ? flags : words;
}

/** Names bring what they are; the words of an enumeration explain themselves. */
function lineOf({ kind, completion, brief }: InputCompletion): string {
  return kind === "argument:value" ? `${completion}\n` : `${completion}\t${brief}\n`;
}

/** The value of `--project` or `-C`, wherever it stands. */
function projectOf(words: readonly string[]): string | undefined {
  const index = words.findLastIndex((word) => /^(--project|-C)(=|$)/.test(word));
  const word = words[index];
  return word === undefined ? undefined : word.includes("=") ? word.slice(word.indexOf("=") + 1) : words[index + 1];
}
