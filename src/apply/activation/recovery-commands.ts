/** What a person does on a machine that could not go back by itself. */
import type { Activation } from "./answer.ts";

const profile = "/nix/var/nix/profiles/system";

export function recoveryCommands({ action, previous, bootedBefore }: Activation): string[] {
  const commands: string[] = [];
  if (action !== "test" && bootedBefore !== undefined) {
    const number = /^system-(\d+)-link$/.exec(bootedBefore.link)?.[1];
    commands.push(
      `nix-env -p ${profile} ${number === undefined ? `--set ${bootedBefore.system}` : `--switch-generation ${number}`}`,
    );
    if (action === "boot" || bootedBefore.system !== previous)
      commands.push(`${bootedBefore.system}/bin/switch-to-configuration boot`);
  }
  if (action !== "boot" && previous !== "") {
    const way = action === "switch" && bootedBefore?.system === previous ? "switch" : "test";
    commands.push(`${previous}/bin/switch-to-configuration ${way}`);
  }
  return commands;
}
