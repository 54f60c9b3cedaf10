/** What --help shows as an example is a command line that floe takes: words, flags and their values. */
import type { Command } from "@stricli/core";
import { expect, test } from "vitest";
import { runFloe } from "../../../src/cli/app.ts";
import type { Cli } from "../../../src/cli/context.ts";
import type { VerbCommand } from "../../../src/cli/verb.ts";
import { verbs } from "../../../src/cli/verbs.ts";

const examples = verbs.flatMap(({ name, examples }) => examples.map(({ command }) => [name, command] as const));

/** The calls of floe in a line of shell, in words: also behind a pipe and inside of `$(...)`. */
function callsIn(line: string): string[][] {
  const calls = line
    .replace(/"\$\((.*?)\)"/g, "; $1; ")
    .split(/;|\||&&|(?<= )>(?= )/)
    .map((part) => [...part.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ""));
  return calls.flatMap((words) => {
    const start = words.findIndex((word) => word !== "sudo" && !/^[A-Z]+=/.test(word));
    return words[start] === "floe" ? [words.slice(start + 1)] : [];
  });
}

test.each(examples)("%s: %s", async (_name, line) => {
  const calls = callsIn(line);
  expect(calls).not.toEqual([]);
  for (const words of calls) {
    const { ran, stderr } = await parse(words);
    expect({ words, ran, stderr }).toEqual({ words, ran: 1, stderr: "" });
  }
});

/** Runs everything of floe but the action. */
async function parse(words: readonly string[]): Promise<{ readonly ran: number; readonly stderr: string }> {
  let ran = 0;
  const commands = verbs.map(({ command }) => command as { build: VerbCommand["build"] });
  const builders = commands.map(({ build }) => build);
  const count = () => {
    ran += 1;
  };
  for (const [index, command] of commands.entries()) {
    const build = builders[index] as VerbCommand["build"];
    command.build = () => ({ ...build(), loader: async () => count }) as Command<Cli>;
  }
  let stderr = "";
  const stream = (write: (text: string) => void) => ({ write, isTTY: false });
  const cli = {
    process: { stdout: stream(() => {}), stderr: stream((text) => (stderr += text)) },
    argv: words,
    env: {},
    cwd: "/nothing",
    signal: new AbortController().signal,
    notify: () => {},
    exitCode: 0,
  } as unknown as Cli;
  try {
    await runFloe(words, cli);
  } finally {
    for (const [index, command] of commands.entries()) command.build = builders[index] ?? command.build;
  }
  return { ran, stderr };
}
