/** The commits between two revisions of an input, from a repository on this machine: the input itself, or what Nix fetched of it. */
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gitIn } from "./git.ts";
import type { Commits, Moved } from "./input-changes.ts";

export interface CommitsOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** Messages that are told; of more the number is. */
const told = 8;

/** Undefined where it cannot be known: no commits, or no repository on this machine that has both. Never throws for that. */
export async function commitsBetween({ before, after }: Moved, options: CommitsOptions): Promise<Commits | undefined> {
  const [from, to] = [before?.rev, after?.rev];
  if (before === undefined || after === undefined || from === undefined || to === undefined) return undefined;
  for (const repository of repositories(after.source["url"], options.env ?? process.env)) {
    const commits = await logOf(repository, from, to, options.signal);
    if (commits !== undefined) return commits;
  }
  const [old, fresh] = [before.revCount, after.revCount];
  if (old === undefined || fresh === undefined || fresh <= old) return undefined;
  return { count: fresh - old, isEstimate: true, newest: [], lost: 0 };
}

// --- internal ---

/** The input's own where it lies here; else those that Nix keeps of what it fetched, whose names only Nix can tell. */
function repositories(url: string | undefined, env: Readonly<Record<string, string | undefined>>): string[] {
  const own = url?.startsWith("file://") ? [fileURLToPath(url.replace(/\?.*$/, ""))] : [];
  const caches = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
  const fetched = join(env["NIX_CACHE_HOME"] || join(caches, "nix"), "gitv3");
  return [...own, ...namesIn(fetched).map((name) => join(fetched, name))];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

/** Undefined when the repository does not have both, or not all that lies between them. */
async function logOf(
  repository: string,
  from: string,
  to: string,
  signal: AbortSignal | undefined,
): Promise<Commits | undefined> {
  const ask = gitIn(repository, signal);
  const git = async (...args: string[]): Promise<string | undefined> => {
    const result = await ask(args).catch(() => undefined);
    signal?.throwIfAborted();
    return result?.exitCode === 0 ? result.stdout.trim() : undefined;
  };
  if ((await git("cat-file", "-e", `${from}^{commit}`)) === undefined) return undefined;
  if ((await git("rev-parse", "--is-shallow-repository")) === "true") return undefined;
  const counts = await git("rev-list", "--left-right", "--count", `${from}...${to}`);
  const [, lost, count] = /^(\d+)\s+(\d+)$/.exec(counts ?? "") ?? [];
  if (lost === undefined || count === undefined) return undefined;
  const log = await git("log", `--max-count=${told}`, "--format=%H %s", `${from}..${to}`);
  const newest = (log ?? "").split("\n").flatMap((line) => {
    const [, rev, subject] = /^([0-9a-f]+) (.*)$/.exec(line) ?? [];
    return rev === undefined || subject === undefined ? [] : [{ rev, subject }];
  });
  return { count: Number(count), isEstimate: false, newest, lost: Number(lost) };
}
