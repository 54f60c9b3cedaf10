/** GC roots: links under `.floe/roots` that keep what floe built from being collected. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { mapLimit } from "../util/map-limit.ts";
import { nixArgv } from "./args.ts";
import type { NixTool } from "./find.ts";

/** The out-link of a build in progress, which holds everything until each result has its own link. Nix numbers the further ones: `NAME-1`. */
export function pendingLink(rootsDir: string): string {
  return join(rootsDir, `.new-${process.pid}`);
}

export interface Root {
  /** The link's file name. */
  readonly name: string;
  readonly outPath: string;
}

/** Registers a link for each valid path that has none yet. @throws NixError when nix cannot make one. */
export async function addRoots(
  nix: NixTool,
  rootsDir: string,
  roots: readonly Root[],
  signal?: AbortSignal,
): Promise<void> {
  const wanted = roots.filter(({ name, outPath }) => targetOf(join(rootsDir, name)) !== outPath);
  if (wanted.length > 0) mkdirSync(rootsDir, { recursive: true });
  await mapLimit(wanted, 2, async ({ name, outPath }) => {
    const argv: [string, ...string[]] = [
      ...nixArgv(nix, { online: true }),
      "build",
      "--offline",
      "--out-link",
      join(rootsDir, name),
      outPath,
    ];
    const result = await run(argv, { plainLocale: true, signal });
    if (result.exitCode === 0) return;
    throw new NixError(`Cannot make the GC root "${join(rootsDir, name)}": ${result.stderr.trim()}`, {
      details: { phase: "root", argv, exitCode: result.exitCode },
    });
  });
}

/** Removes the links that are not in `keep`; what they held may then be collected. Files that are no links into the store stay. */
export function dropRoots(rootsDir: string, keep: ReadonlySet<string>): string[] {
  const dropped = linksIn(rootsDir).filter((name) => !keep.has(name) && !PENDING.test(name));
  for (const name of dropped) rmSync(join(rootsDir, name), { force: true });
  return dropped;
}

/** Removes the out-links of this process's build and of builds whose process is gone. */
export function dropPendingRoots(rootsDir: string): void {
  for (const name of linksIn(rootsDir)) {
    const pid = Number(PENDING.exec(name)?.[1] ?? 0);
    if (pid === process.pid || (pid > 0 && !existsSync(`/proc/${pid}`))) rmSync(join(rootsDir, name), { force: true });
  }
}

// --- internal ---

const PENDING = /^\.new-(\d+)/;

function linksIn(rootsDir: string): string[] {
  try {
    return readdirSync(rootsDir).filter((name) => targetOf(join(rootsDir, name))?.startsWith("/nix/store/"));
  } catch {
    return [];
  }
}

function targetOf(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}
