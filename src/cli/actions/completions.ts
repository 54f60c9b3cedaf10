import type { ShellName } from "../completing.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { completionScripts } from "../shell-scripts.ts";

export function completions(this: Cli, _flags: GlobalFlags, shell: ShellName): void {
  this.process.stdout.write(completionScripts[shell]);
}
