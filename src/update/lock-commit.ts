/** What git knows of flake.lock. */
import { gitIn } from "./git.ts";

/** The commit that brought flake.lock to this text, when that is what is committed now. Never throws for lack of git. */
export async function lockCommit(root: string, text: string, signal: AbortSignal): Promise<string | undefined> {
  if ((await committedLock(root, signal)) !== text) return undefined;
  const log = await gitIn(
    root,
    signal,
  )(["log", "--max-count=1", "--format=%H", "--", "flake.lock"]).catch(() => undefined);
  signal.throwIfAborted();
  return log?.exitCode === 0 && log.stdout.trim() !== "" ? log.stdout.trim() : undefined;
}

/** flake.lock as the last commit has it; undefined when it has none, and where there is no git. */
export async function committedLock(root: string, signal: AbortSignal): Promise<string | undefined> {
  const shown = await gitIn(root, signal)(["show", "HEAD:./flake.lock"]).catch(() => undefined);
  signal.throwIfAborted();
  return shown?.exitCode === 0 ? shown.stdout : undefined;
}
