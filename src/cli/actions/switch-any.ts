/** The verbs that switch, for hosts and homes alike: first the hosts that are named, then the homes. */
import type { ActivationAction } from "../../model/host-plan.ts";
import type { Cli } from "../context.ts";
import type { HostFlags } from "../host-flags.ts";

export async function switchHosts(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await each(this, flags, "switch", words);
}

export async function bootHosts(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await each(this, flags, "boot", words);
}

export async function testHosts(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await each(this, flags, "test", words);
}

export async function dryActivate(this: Cli, flags: HostFlags, ...words: string[]): Promise<void> {
  await each(this, flags, "dry-activate", words);
}

// --- internal ---

const verbs = { switch: "switchHosts", boot: "bootHosts", test: "testHosts", "dry-activate": "dryActivate" } as const;

async function each(cli: Cli, flags: HostFlags, action: ActivationAction, words: readonly string[]): Promise<void> {
  const { hosts, homes } = partWords(words);
  if (homes.length === 0 || hosts.length > 0) {
    const verb = (await import("./switch.ts"))[verbs[action]];
    await verb.call(cli, flags, ...hosts);
    if (homes.length === 0 || cli.exitCode !== 0) return;
  }
  const { switchHomes } = await import("./switch-homes.ts");
  await switchHomes(cli, flags, action, homes);
}

/** Homes are told from hosts by how they are written: `home:NAME`, or `USER@HOST`, which no host is called. */
function partWords(words: readonly string[]): { readonly hosts: string[]; readonly homes: string[] } {
  const isHome = (word: string): boolean => word.startsWith("home:") || /^[^@:]+@/.test(word);
  return { hosts: words.filter((word) => !isHome(word)), homes: words.filter(isHome) };
}
