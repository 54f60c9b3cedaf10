/** Entering a dev shell that was made. */
import { join } from "node:path";
import { runDetached, runInteractive } from "../exec/interactive.ts";
import { readText } from "../util/files.ts";
import { enterShell } from "./scripts.ts";

/** Hands the terminal to the shell, or to a command in it; answers its exit code. */
export function enter(folder: string, command: readonly string[]): Promise<number> {
  const bash = readText(join(folder, "bash"))?.trim() ?? "bash";
  return runInteractive([bash, "-c", enterShell, "floe", folder, ...command]);
}

/** Brings a shell up to date in a process of its own; what it says is in `refresh.log` of the shell's folder. */
export function refreshLater(root: string, folder: string, name: string | undefined): void {
  const floe = process.argv[1];
  if (floe === undefined) return;
  const words = ["-C", root, "shell", "--refresh", ...(name === undefined ? [] : [name])];
  runDetached([process.execPath, floe, ...words], join(folder, "refresh.log"));
}
