import { shells } from "../completing.ts";
import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const completions: Verb = {
  name: "completions",
  group: "Start",
  usage: "bash | zsh | fish",
  details: [
    "Prints what makes the shell complete verbs, flags and the names of the fleet: of hosts, containers and instances, and tags. Put it into the file that your shell reads at its start.",
  ],
  examples: [
    { command: "floe completions fish | source", what: "in ~/.config/fish/config.fish" },
    { command: 'eval "$(floe completions bash)"', what: "in ~/.bashrc" },
    { command: 'eval "$(floe completions zsh)"', what: "in ~/.zshrc, behind compinit" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/completions.ts")).completions,
    parameters: {
      flags: globalFlags,
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [
          {
            parse: parseShell,
            placeholder: "SHELL",
            brief: "bash, zsh or fish",
            proposeCompletions: (partial: string) => shells.filter((shell) => shell.startsWith(partial)),
          },
        ],
      },
    },
    docs: { brief: "Completion for your shell" },
  }),
};

// --- internal ---

/** `/usr/bin/fish`, as in `$SHELL`, is fish. */
function parseShell(text: string): (typeof shells)[number] {
  const found = shells.find((shell) => shell === text.slice(text.lastIndexOf("/") + 1));
  if (found === undefined) throw new SyntaxError(`"${text}" is none of ${shells.join(", ")}`);
  return found;
}
