/** What everything is built with that a nixpkgs builds: its `stdenv`, for nixpkgs that are inputs of a flake. */
import { join } from "node:path";
import { CancelledError } from "../errors.ts";
import { withFileLock } from "../util/file-lock.ts";
import { mapLimit } from "../util/map-limit.ts";
import { type EvalContext, evalOutput } from "./eval.ts";
import type { NixTool } from "./find.ts";
import { checkNetwork } from "./network.ts";
import { nixList, quoteNix } from "./quote.ts";
import { stageProject } from "./stage.ts";
import { storedFlake } from "./staged-flake.ts";

export interface StdenvOptions {
  readonly nix: NixTool;
  /** The project's folder, absolute; its flake is written and locked. */
  readonly root: string;
  readonly cacheDir: string;
  /** For which systems, as `x86_64-linux`. */
  readonly systems: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * The derivations of `stdenv` and `stdenvNoCC`, by the paths of the nixpkgs in flake.lock (`home-manager/nixpkgs`). One that does not evaluate is not
 * among them. Nothing is built.
 * @throws NixError when the project cannot be brought into the store; CancelledError
 */
export async function askStdenvs(
  paths: readonly string[],
  { nix, root, cacheDir, systems, signal }: StdenvOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  return withFileLock(join(cacheDir, "evaluate.lock"), { signal }, async () => {
    const emit = () => {};
    const stage = await stageProject({ root, emit, signal });
    const context: EvalContext = { nix, network: await checkNetwork(nix), stage: stage.path, emit, signal };
    const flake = await storedFlake(context);
    const found = await mapLimit(paths, 2, async (path) => {
      const result = await evalOutput({ ...context, expression: stdenvExpression(flake, path, systems) }, "", "");
      return [path, result.ok ? (result.value as string[]) : []] as const;
    });
    if (signal?.aborted) throw new CancelledError("Cancelled while nix evaluated the inputs");
    return new Map(found.filter(([, stdenvs]) => stdenvs.length > 0));
  });
}

// --- internal ---

/** A nixpkgs without a flake.nix is imported, and one that knows a system not at all builds nothing for it. */
function stdenvExpression(flake: string, path: string, systems: readonly string[]): string {
  const steps = path.split("/").map((name) => `.inputs.${quoteNix(name)}`);
  return `let
  nixpkgs = (builtins.getFlake ${quoteNix(flake)})${steps.join("")};
  packages = system:
    if nixpkgs ? legacyPackages then nixpkgs.legacyPackages.\${system} or { }
    else import nixpkgs.outPath { inherit system; config = { }; overlays = [ ]; };
  stdenvs = system: let pkgs = packages system; in
    map (name: pkgs.\${name}.drvPath) (builtins.filter (name: pkgs ? \${name}.drvPath) [ "stdenv" "stdenvNoCC" ]);
in builtins.concatLists (map stdenvs ${nixList(systems)})`;
}
