/** Places in the text of Nix files, without a parser: attribute paths are followed through braces. Only says where to look. */
import type { OptionPath } from "../model/evaluation.ts";

/** A line and a column, both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** An attribute that a file defines, and the stretch of its value. */
interface Attribute {
  readonly path: readonly string[];
  readonly start: number;
  end: number;
}

/** Where a module's text defines an option, else the innermost set around where it would stand; undefined when not even its first name is there. */
export function locateOption(text: string, option: OptionPath): TextPlace | undefined {
  let best: { depth: number; start: number } | undefined;
  for (const { path, start } of attributesOf(text)) {
    const names = path[0] === "config" ? path.slice(1) : path;
    const depth = commonDepth(names, option);
    if (depth === names.length && depth > (best?.depth ?? 0)) best = { depth, start };
  }
  return best === undefined ? undefined : placeAt(text, best.start);
}

/** Where the element of a list begins that is the value of the attribute at a place; undefined where the list is not written out there. */
export function locateElement(text: string, { line, column }: TextPlace, element: number): TextPlace | undefined {
  const from = offsetOf(text, line) + column - 1;
  // Nothing but functions and their arguments may stand before the list.
  const start = /^[^=;]*=\s*(?:[\w.'-]+\s+)*\[/.exec(text.slice(from));
  if (start === null) return undefined;
  const list = from + start[0].length;
  let depth = 0;
  let count = 0;
  let isApart = true;
  for (const { 0: sign, index } of text.slice(list).matchAll(part)) {
    const isBlank = /^(?:\s|#|\/\*)/.test(sign);
    if ("]})".includes(sign)) depth -= 1;
    else if (depth === 0 && isApart && !isBlank && ++count === element) return placeAt(text, list + index);
    if (depth < 0) return undefined;
    if ("[{(".includes(sign)) depth += 1;
    isApart = isBlank;
  }
  return undefined;
}

/** The option whose definition surrounds a line and column. */
export function optionAt(text: string, { line, column }: TextPlace): string[] {
  const offset = offsetOf(text, line) + column - 1;
  let inner: Attribute | undefined;
  for (const attribute of attributesOf(text)) {
    if (attribute.start <= offset && offset < attribute.end && (inner === undefined || attribute.start >= inner.start))
      inner = attribute;
  }
  const path = inner?.path ?? [];
  return path[0] === "config" ? path.slice(1) : [...path];
}

/** The offset of a line's first character. */
export function offsetOf(text: string, line: number): number {
  let offset = 0;
  for (let number = 1; number < line; number++) {
    const end = text.indexOf("\n", offset);
    if (end < 0) return text.length;
    offset = end + 1;
  }
  return offset;
}

export function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

// --- internal ---

/** Comments, strings with their antiquotations, names with dots, and the signs that give structure. */
const token =
  /#[^\n]*|\/\*[\s\S]*?\*\/|''(?:'''|''\$|''\\|[^'$]|\$(?!\{)|'(?!')|\$\{[^}]*\})*''|(?:[A-Za-z_][\w'-]*|"(?:[^"\\]|\\[\s\S])*")(?:\s*\.\s*(?:[A-Za-z_][\w'-]*|"(?:[^"\\]|\\[\s\S])*"))*|[{}[\]();]|==|=/g;

/** What a list is made of: blanks, comments, strings, brackets, and stretches of anything else. */
const part =
  /\s+|#[^\n]*|\/\*[\s\S]*?\*\/|''(?:'''|''\$|''\\|[^'$]|\$(?!\{)|'(?!')|\$\{[^}]*\})*''|"(?:[^"\\]|\\[\s\S])*"|[[\]{}()]|[^\s[\]{}()"#]+/g;

/**
 * Every `path = value;`, also those in lists, functions and `let`. A path is the full one from the outermost set; sets that are the
 * argument of a function (`mkIf condition { … }`) belong to the attribute they are the value of.
 */
function attributesOf(text: string): Attribute[] {
  const found: Attribute[] = [];
  const open: { readonly bracket: string; readonly attribute: Attribute | undefined }[] = [];
  let name: { readonly path: string[]; readonly start: number } | undefined;
  let current: Attribute | undefined;
  for (const match of text.matchAll(token)) {
    const [sign] = match;
    if (sign.startsWith("#") || sign.startsWith("/*")) continue;
    if (/^[A-Za-z_"]/.test(sign)) name = { path: namesOf(sign), start: match.index };
    else if (sign === "=" && name !== undefined) {
      current = { path: [...(open.at(-1)?.attribute?.path ?? []), ...name.path], start: name.start, end: text.length };
      found.push(current);
      name = undefined;
    } else if (sign === ";") {
      const around = open.at(-1)?.attribute;
      if (current !== undefined && current !== around) current.end = match.index;
      current = around;
      name = undefined;
    } else if ("{[(".includes(sign)) {
      open.push({ bracket: sign, attribute: current });
    } else if ("}])".includes(sign)) {
      current = open.pop()?.attribute;
    }
  }
  return found;
}

function namesOf(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\[\s\S])*)"|([A-Za-z_][\w'-]*)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replace(/\\(.)/g, "$1"),
  );
}

function commonDepth(names: readonly string[], option: OptionPath): number {
  let depth = 0;
  while (depth < names.length && names[depth] === option[depth]) depth += 1;
  return depth;
}
