/** The sentences of errors: first the option, then what is wrong with it. */
import type { OptionPath } from "../model/evaluation.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { nearest } from "../util/nearest.ts";

const widest = 60;

/** `services.nginx.virtualHosts."a.b".root`, without the index of a list's element. */
export function optionText(option: OptionPath): string {
  return option
    .filter((name) => !isIndex(name))
    .map((name) => (/^[A-Za-z_][\w'-]*$|^<.*>$|^\*$/.test(name) ? name : JSON.stringify(name)))
    .join(".");
}

/** `, element 2`, for a path that leads into a list. */
export function elementText(option: OptionPath): string {
  const entry = /-entry (\d+)\]$/.exec(option.findLast(isIndex) ?? "")?.[1];
  return entry === undefined ? "" : `element ${entry}`;
}

/** A value as TypeScript writes it where it is short; undefined for what only Nix knows. */
export function valueText(expr: NixExpr): string | undefined {
  const text = literal(expr);
  return text !== undefined && text.length <= widest ? text : undefined;
}

/** A value that Nix's message shows, where it is short. `{ }` and lists read alike in both languages. */
export function toldText(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const line = value.replace(/\s*\n\s*/g, " ");
  return line.length <= widest ? line : undefined;
}

/** The words of a type, to stand after "is not". */
export function wantedText(wanted: string): string {
  const rest = /^null or (.*)$/s.exec(wanted)?.[1];
  if (rest !== undefined) return `null or ${wantedText(rest)}`;
  if (/^one of |^(?:a|an|the|any|anything|strings|null|true|false)\b/.test(wanted)) return wanted;
  return `${/^[aeiou8]/i.test(wanted) ? "an" : "a"} ${wanted}`;
}

/** What to write instead: the nearest of the values that an enumeration takes. */
export function enumHint(wanted: string, value: string | undefined): string | undefined {
  const values = [...wanted.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text);
  if (!/one of /.test(wanted) || value === undefined) return undefined;
  const near = nearest(value.replace(/^"|"$/g, ""), values);
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}

export function didYouMean(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `Did you mean ${name}?`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

// --- internal ---

function isIndex(name: string): boolean {
  return name.startsWith("[definition ");
}

function literal(expr: NixExpr): string | undefined {
  switch (expr.kind) {
    case "string":
      return expr.parts.every((part) => typeof part === "string") ? JSON.stringify(expr.parts.join("")) : undefined;
    case "int":
    case "float":
    case "bool":
      return String(expr.value);
    case "null":
      return "null";
    case "list": {
      const items = expr.items.map(literal);
      return items.every((item) => item !== undefined) ? `[${items.join(", ")}]` : undefined;
    }
    case "attrs":
      return expr.entries.length === 0 ? "{}" : "{ … }";
    default:
      return undefined;
  }
}
