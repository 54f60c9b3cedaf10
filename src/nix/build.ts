/** Builds derivations: everything that is missing in one `nix build`. */
import { existsSync, mkdirSync } from "node:fs";
import { CancelledError, type NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Derivation } from "../model/evaluation.ts";
import type { Builder } from "../model/fleet.ts";
import type { Emit } from "../report/events.ts";
import { nixArgv } from "./args.ts";
import { buildFailure, type FailedBuild } from "./build-failure.ts";
import { builderFlags } from "./builders.ts";
import type { NixTool } from "./find.ts";
import { readNixLog } from "./log-reader.ts";
import { checkNetwork, type Network } from "./network.ts";
import { pathInfo } from "./path-info.ts";
import { addRoots, dropPendingRoots, pendingLink } from "./roots.ts";

/** A derivation to build. `name` is what the user calls it, and the name of its GC root: one file name, unique in the folder of roots. */
export interface BuildRequest extends Derivation {
  readonly name: string;
}

export type BuildOutcome = BuildRequest &
  (
    | { readonly ok: true /** False: it was in the store already. */; readonly built: boolean }
    | { readonly ok: false; readonly error: NixError }
  );

export interface BuildOptions {
  readonly nix: NixTool;
  readonly derivations: readonly BuildRequest[];
  /** The folder of the GC roots, `.floe/roots` of the project. */
  readonly rootsDir: string;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  /** True: one failure does not stop the builds that do not need it. */
  readonly keepGoing?: boolean;
  /** Machines that Nix may build on beside this one. */
  readonly builders?: readonly Builder[];
}

/**
 * Builds what is not valid in the store yet, and keeps every result with a GC root. The outcomes are in the order of the requests; a
 * failure is an outcome, not a throw.
 * @throws CancelledError when `signal` fired; the builds are ended then. NixError when the store cannot be asked.
 */
export async function buildDerivations(options: BuildOptions): Promise<BuildOutcome[]> {
  const { nix, derivations, rootsDir, emit, signal } = options;
  const missing = await findMissing(nix, derivations, signal);
  let failed: FailedBuild | undefined;
  let stillMissing = missing;
  if (missing.length > 0) {
    emit({ type: "phase.start", phase: "build", count: missing.length });
    try {
      failed = await buildAll(options, missing);
      stillMissing = failed === undefined ? [] : await findMissing(nix, missing, signal);
    } finally {
      emit({ type: "phase.end", phase: "build", ok: failed === undefined && !signal?.aborted });
    }
  }
  const broken = new Set(stillMissing);
  const good = derivations.filter((request) => !broken.has(request));
  await addRoots(nix, rootsDir, good, signal);
  dropPendingRoots(rootsDir);
  return derivations.map((request): BuildOutcome => {
    if (!broken.has(request)) return { ...request, ok: true, built: missing.includes(request) };
    return { ...request, ok: false, error: buildFailure(request, failed as FailedBuild) };
  });
}

// --- internal ---

/** A path that is on disk may be half copied; only the store's database knows. One that is not on disk cannot be valid. */
async function findMissing(
  nix: NixTool,
  requests: readonly BuildRequest[],
  signal: AbortSignal | undefined,
): Promise<BuildRequest[]> {
  const present = [...new Set(requests.map(({ outPath }) => outPath).filter((path) => existsSync(path)))];
  const valid = await pathInfo(nix, present, { signal });
  return requests.filter(({ outPath }) => !valid.has(outPath));
}

/** One `nix build` for all; `undefined` when all went well. Its own out-links hold the results until each has its named root. */
async function buildAll(
  { nix, rootsDir, emit, signal, keepGoing, builders = [] }: BuildOptions,
  missing: readonly BuildRequest[],
): Promise<FailedBuild | undefined> {
  const network = await checkNetwork(nix);
  tellOffline(network, emit);
  mkdirSync(rootsDir, { recursive: true });
  const log = readNixLog(emit);
  const argv: [string, ...string[]] = [
    ...nixArgv(nix, network),
    ...["--log-format", "internal-json", "build", "--out-link", pendingLink(rootsDir)],
    ...(keepGoing ? ["--keep-going"] : []),
    ...(await builderFlags(nix, builders)),
    ...new Set(missing.map(({ drvPath }) => (nix.features.outputsSuffix ? `${drvPath}^*` : drvPath))),
  ];
  const result = await run(argv, { signal, plainLocale: true, onStderrLine: log.onLine });
  if (signal?.aborted) throw new CancelledError("Cancelled while nix built");
  return result.exitCode === 0 ? undefined : { argv, exitCode: result.exitCode, log };
}

function tellOffline(network: Network, emit: Emit): void {
  if (network.online) return;
  emit({ type: "message", level: "info", text: `Building without binary caches: ${network.reason}` });
}
