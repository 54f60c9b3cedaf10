import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { cachedShell, shellFolder } from "../../shell/cached.ts";
import { enter, refreshLater } from "../../shell/enter.ts";
import { placeOf } from "../../shell/place.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";

export interface ShellFlags extends GlobalFlags {
  readonly now: boolean;
  readonly refresh: boolean;
  readonly direnv: boolean;
}

export async function shell(this: Cli, flags: ShellFlags, ...words: string[]): Promise<void> {
  const { name: wanted, command } = readWords(this.argv, words);
  const start = resolve(this.cwd, flags.project ?? ".");
  const { root, name } = placeOf(wanted, start, flags.project !== undefined);
  const known = cachedShell(root, name);
  if (flags.now && known?.isFresh === false) refreshLater(root, known.folder, name);
  else if (known?.isFresh !== true || flags.refresh) {
    const { prepareShell } = await import("../prepare-shell.ts");
    if (!(await prepareShell(this, flags, root, name))) return;
  }
  if (flags.refresh) return;
  const folder = shellFolder(root, name);
  if (flags.direnv) {
    const { direnvText } = await import("../prepare-shell.ts");
    this.process.stdout.write(direnvText(root, folder));
    return;
  }
  // The terminal is the shell's from here on.
  this.notify = () => {};
  this.exitCode = await enter(folder, command);
}

// --- internal ---

/** What stands behind `--` is the command; stricli has joined it to the words before. @throws UsageError */
function readWords(argv: readonly string[], words: readonly string[]) {
  const end = argv.indexOf("--");
  const command = end < 0 ? [] : argv.slice(end + 1);
  const [name, ...others] = words.slice(0, words.length - command.length);
  if (others.length > 0)
    throw new UsageError(`A command for the shell "${name}" stands behind "--"`, {
      hint: `floe shell ${name} -- ${others.join(" ")}`,
    });
  if (end >= 0 && command.length === 0) throw new UsageError('There is no command behind "--"');
  return { name, command };
}
