import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { completionScripts, type ShellName } from "../shell-scripts.ts";

export function completions(this: Cli, _flags: GlobalFlags, shell: ShellName): void {
  this.process.stdout.write(completionScripts[shell]);
}
