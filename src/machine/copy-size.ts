/** How much of closures another machine does not have. */
import { NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { decodePathInfo, type PathInfo } from "../nix/path-info.ts";
import type { CopyWay } from "./copy.ts";
import type { CopyOptions, Machine } from "./machine.ts";

export interface CopySize {
  /** Not valid there. */
  readonly missing: readonly string[];
  /** Bytes of their NARs. */
  readonly total: number;
  /** Bytes of a path's NAR. */
  sizeOf(path: string): number;
}

/** @throws NixError when the paths are not in this store, or the other one cannot be asked; ConnectionError, CancelledError */
export async function measureCopy(
  way: CopyWay,
  paths: readonly string[],
  { signal, derivations = false }: CopyOptions,
): Promise<CopySize> {
  const closure = await readClosure(way, paths, derivations, signal);
  const missing = await findMissing(way.machine, [...closure.keys()], signal);
  const sizeOf = (path: string) => closure.get(path)?.narSize ?? 0;
  return { sizeOf, missing, total: missing.reduce((sum, path) => sum + sizeOf(path), 0) };
}

/** Which of the paths are not valid there, asked in one round. @throws NixError, ConnectionError, CancelledError */
export async function findMissing(
  machine: Machine,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const { exitCode, stdout, stderr } = await machine.script(INVALID, [], { input: paths.join("\n"), signal });
  if (exitCode === 0) return stdout.split("\n").filter((line) => line !== "");
  throw new NixError(`Cannot ask the store of ${machine.where} what it has: ${stderr.trim()}`, {
    hint: exitCode === 127 ? "Install Nix there" : undefined,
    details: { phase: "copy", where: machine.where, exitCode },
  });
}

// --- internal ---

/** Store paths hold no blanks; they are read as input because they may be more than an argument can be. */
const INVALID = "set -f; exec nix-store --check-validity --print-invalid $(cat)";

async function readClosure(
  { nix, env }: CopyWay,
  paths: readonly string[],
  derivations: boolean,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, PathInfo>> {
  const features = ["--extra-experimental-features", "nix-command"];
  const flags = ["--json", "--offline", "--recursive", ...(derivations ? ["--derivation"] : [])];
  const argv: [string, ...string[]] = [nix, ...features, "path-info", ...flags, ...paths];
  const result = await run(argv, { env, plainLocale: true, signal });
  if (result.exitCode === 0) return decodePathInfo(JSON.parse(result.stdout));
  throw new NixError(`Cannot ask this machine's store about ${paths.join(", ")}: ${result.stderr.trim()}`, {
    details: { phase: "copy", argv, exitCode: result.exitCode },
  });
}
