import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

const kinds = ["bash", "zsh", "fish", "direnv"] as const;

export const shellInit: Verb = {
  name: "shell-init",
  group: "Start",
  usage: "bash | zsh | fish | direnv",
  details: [
    "Prints two functions for your shell, which work from any folder: nrs switches this machine to its configuration, nd [NAME] [-- COMMAND...] enters a dev shell of this project. An unchanged shell is entered without starting floe. Both complete their names.",
    "With direnv it prints the line of a .envrc that loads the default shell in a folder.",
  ],
  examples: [
    { command: "floe shell-init direnv > .envrc", what: "then: direnv allow" },
    { command: 'eval "$(floe -C ~/machines shell-init bash)"', what: "in ~/.bashrc; for zsh alike" },
    { command: "floe -C ~/machines shell-init fish | source", what: "in ~/.config/fish/config.fish" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/shell-init.ts")).shellInit,
    parameters: {
      flags: globalFlags,
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [
          {
            parse: parseKind,
            placeholder: "SHELL",
            brief: "bash, zsh, fish or direnv",
            proposeCompletions: (partial: string) => kinds.filter((kind) => kind.startsWith(partial)),
          },
        ],
      },
    },
    docs: { brief: "nrs and nd for your shell" },
  }),
};

// --- internal ---

/** `/usr/bin/fish`, as in `$SHELL`, is fish. */
function parseKind(text: string): (typeof kinds)[number] {
  const found = kinds.find((kind) => kind === text.slice(text.lastIndexOf("/") + 1));
  if (found === undefined) throw new SyntaxError(`"${text}" is none of ${kinds.join(", ")}`);
  return found;
}
