/** `floe options`: the declared options of a machine, searched. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { optionText } from "../diagnose/words.ts";
import { NixError } from "../errors.ts";
import type { Asking } from "../nix/ask.ts";
import { readCache, writeCache } from "../util/files.ts";
import { listFunction, topFunction } from "./nix.ts";

export interface ListedOption {
  readonly name: string;
  readonly type: string;
  readonly default?: string;
  readonly description?: string;
}

/** All options of a machine; from the cache where nothing changed since they were listed. @throws NixError when there is none that can be listed */
export async function listOptions(
  machine: string,
  cacheDir: string,
  nixVersion: string,
  asking: Asking,
): Promise<ListedOption[]> {
  const key = createHash("sha256")
    .update(JSON.stringify([1, asking.stageHash, nixVersion, machine]))
    .digest("hex");
  const file = join(cacheDir, `options-${machine}.json`);
  const known = readCache(file) as { readonly key?: string; readonly options?: ListedOption[] } | undefined;
  if (known?.key === key && known.options !== undefined) return known.options;
  const options = (await readAll(machine, asking)).map(toListed);
  writeCache(file, { key, options });
  return options;
}

/** The options in which every word occurs, the likeliest first: a word that is a whole name counts most, one in the description least. */
export function searchOptions(options: readonly ListedOption[], words: readonly string[]): ListedOption[] {
  const wanted = words.map((word) => word.toLowerCase());
  const rated = options.flatMap((option) => {
    const ratings = wanted.map((word) => rate(option, word));
    return ratings.includes(0) ? [] : [{ option, rating: ratings.reduce((sum, rating) => sum + rating, 0) }];
  });
  return rated
    .sort((a, b) => b.rating - a.rating || depth(a.option) - depth(b.option) || compare(a.option.name, b.option.name))
    .map(({ option }) => option);
}

// --- internal ---

interface RawOption {
  readonly path: readonly string[];
  readonly type: string | null;
  readonly default: string | null;
  readonly description: string | null;
}

/** All at once; where one throws what Nix cannot catch, each name at the top by itself. */
async function readAll(machine: string, { ask }: Asking): Promise<RawOption[]> {
  const whole = await ask(listFunction(machine, undefined));
  if (whole.ok) return whole.value as RawOption[];
  const top = await ask(topFunction(machine));
  if (!top.ok)
    throw new NixError(`Cannot list the options of ${machine}: ${top.error.message}`, {
      hint: "floe check shows where",
      details: { phase: "eval" },
    });
  const found: RawOption[] = [];
  for (const name of top.value as string[]) {
    const part = await ask(listFunction(machine, name));
    if (part.ok) found.push(...(part.value as RawOption[]));
  }
  return found;
}

function toListed({ path, type, default: text, description }: RawOption): ListedOption {
  return {
    name: optionText(path),
    type: type ?? "unspecified",
    ...(text === null ? {} : { default: text }),
    ...(description === null ? {} : { description: description.trim() }),
  };
}

function rate({ name, description = "" }: ListedOption, word: string): number {
  const lower = name.toLowerCase();
  if (lower === word) return 100;
  const names = lower.split(".");
  if (names.at(-1) === word) return 40;
  if (names.includes(word)) return 30;
  if (names.some((part) => part.startsWith(word))) return 15;
  if (lower.includes(word)) return 10;
  return description.toLowerCase().includes(word) ? 2 : 0;
}

function depth({ name }: ListedOption): number {
  return name.split(".").length;
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
