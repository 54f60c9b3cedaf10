/**
 * What recording keeps between the user's functions and the recorder: which tokens stand for which references. It hangs on a
 * registered symbol, because the user's files and floe may hold two copies of this code.
 */
import type { Origin } from "./origin.ts";

export interface Registry {
  readonly tokens: Map<number, { readonly value: unknown; readonly origin: Origin }>;
  nextToken: number;
  /** The places of `module(...)` by file. */
  readonly modules: Map<string, Set<string>>;
  /** Whether places of references are left out, because nobody asks for them unless recording fails. */
  isHasty: boolean;
  /** The project whose definitions are being recorded; places are shown relative to it. */
  root: string | undefined;
}

const key = Symbol.for("floe.registry");

export function registry(): Registry {
  const holder = globalThis as { [key]?: Registry };
  holder[key] ??= { tokens: new Map(), nextToken: 1, modules: new Map(), isHasty: false, root: undefined };
  return holder[key];
}
