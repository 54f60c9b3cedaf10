/** How many nix processes evaluate at once, and with how much memory each begins. */
import { availableParallelism, freemem } from "node:os";
import { UsageError } from "../errors.ts";

/** What a machine has to give. */
export interface Resources {
  readonly processors: number;
  /** In bytes. */
  readonly free: number;
  /** All evaluations together may take no more than `free`, because the user said so. */
  readonly isCapped?: boolean;
}

const MEGABYTE = 1024 * 1024;
/** Memory that the evaluation of one NixOS takes, in bytes; decides how many run at once. */
const BYTES_PER_EVALUATION = 600 * MEGABYTE;
/** What a further one in the same process adds, which keeps what it has evaluated. */
const BYTES_PER_FURTHER = 300 * MEGABYTE;
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

/** How the evaluation of many parts is shared out. */
export interface Sharing {
  readonly processes: number;
  /** Of these, how many run at the same time. */
  readonly atOnce: number;
  /** Absent where nix's own choice is good enough. */
  readonly heapBytes?: number;
}

/**
 * Shares the evaluation of so many parts out. Processes begin with more memory than nix itself would give them, unless the user chose, or all together would
 * take more than a quarter of what is free: memory that is not used costs nothing, it is only reserved. With a cap there are more processes
 * than run at once, for each gives its memory back when it ends. @throws UsageError for a cap that is no size
 */
export function sharingOut(
  parts: number,
  given: Resources = resources(),
  env: NodeJS.ProcessEnv = process.env,
): Sharing {
  const atOnce = parallelism(Math.floor(parts / LEAST_A_PROCESS), given);
  const processes = Math.max(atOnce, Math.ceil(parts / mostAProcess(atOnce, given)));
  const heapBytes = Math.min(LARGE_HEAP, Math.floor(given.free / 4 / atOnce));
  const isWorthIt = parts / processes >= LEAST_A_PROCESS && heapBytes > NIX_HEAP;
  return isWorthIt && env["GC_INITIAL_HEAP_SIZE"] === undefined
    ? { processes, atOnce, heapBytes }
    : { processes, atOnce };
}

// --- internal ---

/** Parts that one of `atOnce` processes may evaluate before it ends; only a cap makes it end. */
function mostAProcess(atOnce: number, { free, isCapped }: Resources): number {
  if (isCapped !== true) return Number.POSITIVE_INFINITY;
  return Math.max(1, 1 + Math.floor((free / atOnce - BYTES_PER_EVALUATION) / BYTES_PER_FURTHER));
}

function resources(): Resources {
  const cap = memoryCap();
  return { processors: availableParallelism(), free: cap ?? freemem(), isCapped: cap !== undefined };
}

/** `$FLOE_EVAL_MEMORY`: what all evaluations together may take, as `4GiB` or `4096MiB`. @throws UsageError */
function memoryCap(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const text = env["FLOE_EVAL_MEMORY"];
  if (text === undefined || text === "") return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(M|G)(?:i?B)?$/i.exec(text) ?? [];
  if (number === undefined)
    throw new UsageError(`FLOE_EVAL_MEMORY is "${text}", which is no size such as "4GiB" or "2048MiB"`);
  return Number(number) * 1024 ** (unit?.toUpperCase() === "G" ? 3 : 2);
}
