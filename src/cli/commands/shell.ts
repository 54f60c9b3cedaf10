import { globalAliases, globalFlags } from "../flags.ts";
import { shellName } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

const brief = (text: string) => ({ kind: "boolean", default: false, withNegated: false, brief: text }) as const;

export const shell: Verb = {
  name: "shell",
  group: "The project",
  usage: "[NAME] [-- COMMAND...]",
  details: [
    "Enters a dev shell: your own shell with the packages and variables of the fleet's devshells.ts, or one command with them. Without a name, the shell that is called default, or the only one. exit leads back; $FLOE_SHELL has the name, for your prompt.",
    "The environment is kept and is no garbage to nix. While nothing in the project changes, entering it starts no nix. Outside of a project, write FLEET/NAME, or only NAME where one fleet is known.",
  ],
  examples: [
    { command: "floe shell", what: "the default shell" },
    { command: "floe shell aws -- terraform plan", what: "one command in the shell aws" },
    { command: "floe shell aws --now", what: "enter it as it was before, and bring it up to date meanwhile" },
    { command: "floe shell-init fish | source", what: "nd does the same quicker, from anywhere" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/shell.ts")).shell,
    parameters: {
      flags: {
        ...globalFlags,
        now: brief("Enter it as it was made before, whatever has changed; the new one is made in the background"),
        refresh: brief("Bring it up to date, and do not enter it"),
        direnv: brief("Print what a .envrc of direnv evaluates; see floe shell-init direnv"),
      },
      aliases: globalAliases,
      positional: { kind: "array", parameter: shellName },
    },
    docs: { brief: "Enter a dev shell, or run a command in it" },
  }),
};
