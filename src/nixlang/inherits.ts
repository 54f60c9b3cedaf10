/** `inherit` where a person would write it. */
import { isIdentifier } from "./names.ts";
import type { NixBinding, NixEntry, NixExpr, NixInherit } from "./tree.ts";

/**
 * Entries of a set that is not recursive, with `a = a` as `inherit a`, and with several of `a = x.a` one after the other as
 * `inherit (x) a ...`.
 */
export function withInherits(entries: readonly NixEntry[]): readonly NixEntry[] {
  const out: NixEntry[] = [];
  for (let index = 0; index < entries.length; ) {
    const entry = entries[index] as NixEntry;
    const first = sourceOf(entry);
    let end = index + 1;
    while (first !== undefined && end < entries.length && sourceOf(entries[end])?.text === first.text) end++;
    const run = entries.slice(index, end);
    if (first === undefined || (first.from !== undefined && run.length < 2)) out.push(entry);
    else out.push(inheritOf(run, first));
    index = first === undefined || (first.from !== undefined && run.length < 2) ? index + 1 : end;
  }
  return out;
}

// --- internal ---

interface Source {
  readonly from: NixExpr | undefined;
  /** Equal for entries of one `inherit`. */
  readonly text: string;
}

function inheritOf(run: readonly NixEntry[], { from }: Source): NixInherit {
  const names = run.map((entry) => (entry as NixBinding).keys[0] as string);
  return from === undefined ? { kind: "inherit", names } : { kind: "inherit", from, names };
}

/** What an entry could be inherited from: the surroundings, or another set. */
function sourceOf(entry: NixEntry | undefined): Source | undefined {
  if (entry?.kind !== "binding" || entry.keys.length !== 1 || entry.comment !== undefined || entry.apart === true)
    return undefined;
  const [name] = entry.keys;
  const { value } = entry;
  if (typeof name !== "string" || !isIdentifier(name)) return undefined;
  if (value.kind === "identifier") return value.name === name ? { from: undefined, text: "" } : undefined;
  if (value.kind !== "select" || value.fallback !== undefined || value.keys.at(-1) !== name) return undefined;
  const path = pathText(value.base, value.keys.slice(0, -1));
  if (path === undefined) return undefined;
  const keys = value.keys.slice(0, -1);
  return { from: keys.length === 0 ? value.base : { ...value, keys }, text: path };
}

/** `config.my` and the like; anything else would be hidden in an `inherit`. */
function pathText(base: NixExpr, keys: readonly unknown[]): string | undefined {
  if (base.kind !== "identifier" || !keys.every((key) => typeof key === "string" && isIdentifier(key)))
    return undefined;
  return [base.name, ...keys].join(".");
}
