/** How many nix processes evaluate at once, and with how much memory each begins. */
import { availableParallelism, freemem } from "node:os";

/** What a machine has to give. */
export interface Resources {
  readonly processors: number;
  /** In bytes. */
  readonly free: number;
}

const MEGABYTE = 1024 * 1024;
/** Memory that the evaluation of one NixOS takes, in bytes; decides how many run at once. */
const BYTES_PER_EVALUATION = 600 * MEGABYTE;
/** Fewer than this at once are not worth a second process: each reads nixpkgs anew. */
const LEAST_A_PROCESS = 4;
/** What nix itself begins with where there is enough. One NixOS fits into it. */
const NIX_HEAP = 384 * MEGABYTE;
/**
 * Of many machines each leaves as much behind as one took, so nix stops again and again to look for what can be freed: for ten NixOS 9 times with
 * its own beginning, 5 times with this one. More would make it faster still, and take more than the sharing of nixpkgs has saved.
 */
const LARGE_HEAP = 560 * MEGABYTE;

/** How many evaluations of one part each run at once. */
export function parallelism(count: number, { processors, free } = resources()): number {
  return Math.max(1, Math.min(count, processors, Math.floor(free / BYTES_PER_EVALUATION)));
}

/**
 * How the evaluation of so many parts is shared out. `heapBytes` is absent where nix's own choice is good enough, where the user chose, and where
 * all together would take more than a quarter of the free memory. Memory that is not used costs nothing: it is only reserved.
 */
export function sharingOut(
  parts: number,
  given: Resources = resources(),
  env: NodeJS.ProcessEnv = process.env,
): { readonly processes: number; readonly heapBytes?: number } {
  const processes = parallelism(Math.floor(parts / LEAST_A_PROCESS), given);
  const heapBytes = Math.min(LARGE_HEAP, Math.floor(given.free / 4 / processes));
  const isWorthIt = parts / processes >= LEAST_A_PROCESS && heapBytes > NIX_HEAP;
  return isWorthIt && env["GC_INITIAL_HEAP_SIZE"] === undefined ? { processes, heapBytes } : { processes };
}

// --- internal ---

function resources(): Resources {
  return { processors: availableParallelism(), free: freemem() };
}
