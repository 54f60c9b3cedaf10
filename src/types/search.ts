/** Looking up options: `floe options WORD`, and the declaration that `floe why OPTION` shows. */

import { describeType } from "./describe-type.ts";
import { plainDescription } from "./doc-comment.ts";
import { type Located, listOptions, type OptionDump } from "./dump.ts";

/** An option as it is shown. */
export interface FoundOption {
  /** `services.nginx.virtualHosts.<name>.root`. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  /** Nix text. */
  readonly default?: string;
  readonly declared?: string;
  readonly line?: number;
  readonly readOnly?: boolean;
}

/**
 * The options whose path or description has all words of `text`, whatever their case. The best first: those where the path's last name is
 * the text, then those with it in the path, then in the description; short paths before long ones. Internal options are left out.
 */
export function searchOptions(dump: OptionDump, text: string, limit = 50): FoundOption[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  const ranked: { readonly rank: number; readonly found: Located }[] = [];
  for (const found of listOptions(dump.options)) {
    const rank = found.option.internal === true || found.option.hidden === true ? undefined : rankOf(found, words);
    if (rank !== undefined) ranked.push({ rank, found });
  }
  ranked.sort(
    (a, b) =>
      a.rank - b.rank || a.found.path.length - b.found.path.length || compare(shown(a.found.path), shown(b.found.path)),
  );
  return ranked.slice(0, limit).map(({ found }) => show(found));
}

/**
 * The declaration of the option that a configuration calls `path`: `users.users.me.uid` finds `users.users.<name>.uid`. Undefined when there is none.
 */
export function findOption(dump: OptionDump, path: readonly string[]): FoundOption | undefined {
  for (const found of listOptions(dump.options)) if (fits(found.path, path)) return show(found);
  return undefined;
}

/** All paths, as a configuration writes them where no name is open: for suggestions. */
export function optionPaths(dump: OptionDump): string[] {
  return [...listOptions(dump.options)].map(({ path }) => shown(path));
}

// --- internal ---

function show({ path, option }: Located): FoundOption {
  const { declared, line, readOnly } = option;
  return {
    path: shown(path),
    type: describeType(option.type),
    description: plainDescription(option.description ?? ""),
    ...(option.default === undefined ? {} : { default: option.default }),
    ...(declared === undefined ? {} : { declared }),
    ...(line === undefined ? {} : { line }),
    ...(readOnly === undefined ? {} : { readOnly }),
  };
}

/** 0 is best; undefined: does not fit. */
function rankOf({ path, option }: Located, words: readonly string[]): number | undefined {
  const text = path.join(".").toLowerCase();
  const last = (path.at(-1) ?? "").toLowerCase();
  if (words.every((word) => text.includes(word)))
    return words.includes(last) || text === words.join(".")
      ? 0
      : words.some((word) => path.some((part) => part.toLowerCase() === word))
        ? 1
        : 2;
  const whole = `${text}\n${(option.description ?? "").toLowerCase()}`;
  return words.every((word) => whole.includes(word)) ? 3 : undefined;
}

function shown(path: readonly string[]): string {
  return path.map((part) => (/^[A-Za-z_][\w'-]*$|^[<*]/.test(part) ? part : JSON.stringify(part))).join(".");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An open name fits any; the asked path may leave out the `*` of a list. */
function fits(declared: readonly string[], asked: readonly string[]): boolean {
  const names = declared.filter((part) => part !== "*");
  return names.length === asked.length && names.every((part, index) => part.startsWith("<") || part === asked[index]);
}
