/**
 * Text whose line breaks are not settled yet. A group stands on one line where it fits; where not, all spaces that are its own
 * become line breaks, and the groups in it are asked one by one.
 */

/** From weak to strong; of several in a row one is left, mostly the strongest. */
export const spacing = {
  /** Nothing, or a line break only where the next piece would not fit; decided alone. */
  softBreak: 0,
  /** Nothing, or a line break. */
  break: 1,
  /** A space. */
  hardSpace: 2,
  /** A space, or a line break only where the next piece would not fit; decided alone. */
  softSpace: 3,
  /** A space, or a line break. */
  space: 4,
  /** A line break. */
  hardLine: 5,
  /** A blank line. */
  emptyLine: 6,
  /** Line breaks of a text, which are counted and never merged. */
  newlines: 7,
} as const;

export type Spacing = (typeof spacing)[keyof typeof spacing];

/**
 * How a group takes part in the breaking of the group around it. A `priority` group is broken first, if all the rest then fits;
 * a `transparent` one hands the priority groups in it to the group around it.
 */
export type GroupKind = "regular" | "priority" | "transparent";

export type Part =
  | {
      readonly kind: "text";
      readonly text: string;
      /** How deep it stands, and columns beside that; they count when it begins a line. */
      readonly depth: number;
      readonly offset: number;
      /** Only written where its group is broken, such as the comma after the last of several lines. */
      readonly trailing: boolean;
    }
  | { readonly kind: "space"; readonly spacing: Spacing; readonly count: number }
  | { readonly kind: "group"; readonly group: GroupKind; readonly doc: Doc };

export type Doc = readonly Part[];

const space = (which: Spacing): Doc => [{ kind: "space", spacing: which, count: 1 }];

export const softBreak = space(spacing.softBreak);
export const lineOrNothing = space(spacing.break);
export const hardSpace = space(spacing.hardSpace);
export const softSpace = space(spacing.softSpace);
export const line = space(spacing.space);
export const hardLine = space(spacing.hardLine);
export const emptyLine = space(spacing.emptyLine);
export const newline = space(spacing.newlines);

let depth = 0;
let offset = 0;

export function text(content: string): Doc {
  return content === "" ? [] : [{ kind: "text", text: content, depth, offset, trailing: false }];
}

export function trailing(content: string): Doc {
  return [{ kind: "text", text: content, depth, offset, trailing: true }];
}

/** One level deeper. Several levels that begin on one line are one indentation. */
export function nest(make: () => Doc): Doc {
  depth += 1;
  try {
    return make();
  } finally {
    depth -= 1;
  }
}

/** Columns further in, whatever else begins on the line. */
export function offsetBy(columns: number, make: () => Doc): Doc {
  offset += columns;
  try {
    return make();
  } finally {
    offset -= columns;
  }
}

export function group(doc: Doc, kind: GroupKind = "regular"): Doc {
  return [{ kind: "group", group: kind, doc }];
}

export function surround(outside: Doc, inside: Doc): Doc {
  return [...outside, ...inside, ...outside];
}

export function join(separator: Doc, docs: readonly Doc[]): Doc {
  return docs.flatMap((doc, index) => (index === 0 ? doc : [...separator, ...doc]));
}

/** The same without its breakable spaces, in no more than `most` characters; undefined when it must take several lines or more. */
export function onOneLine(doc: Doc, most: number = Number.POSITIVE_INFINITY): Doc | undefined {
  const parts: Part[] = [];
  let left = most;
  const take = (inner: Doc): boolean =>
    inner.every((part) => {
      if (part.kind === "group") return take(part.doc);
      if (part.kind === "text") {
        left -= part.text.length;
        parts.push(part);
      } else if (part.spacing >= spacing.hardLine) return false;
      else if (part.spacing >= spacing.hardSpace) {
        left -= 1;
        parts.push(...hardSpace);
      }
      return left >= 0;
    });
  return take(doc) ? parts : undefined;
}

/** What is left of spaces in a row. */
export function mergeSpacing(
  left: Extract<Part, { kind: "space" }>,
  right: Extract<Part, { kind: "space" }>,
): Extract<Part, { kind: "space" }> {
  const [weak, strong] = left.spacing <= right.spacing ? [left, right] : [right, left];
  if (strong.spacing === spacing.newlines) {
    if (weak.spacing === spacing.newlines) return { ...strong, count: weak.count + strong.count };
    if (weak.spacing === spacing.hardSpace) return strong;
    return { ...strong, count: strong.count + (weak.spacing === spacing.emptyLine ? 2 : 1) };
  }
  if (weak.spacing === spacing.break && (strong.spacing === spacing.softSpace || strong.spacing === spacing.hardSpace))
    return { ...strong, spacing: spacing.space };
  if (weak.spacing === spacing.softBreak && strong.spacing === spacing.hardSpace)
    return { ...strong, spacing: spacing.softSpace };
  return strong;
}

/** Spaces in a row merged, those that break anyway moved out of groups, and empty groups dissolved. */
export function tidy(doc: Doc): Doc {
  const out: Part[] = [];
  for (const part of doc) add(out, part);
  return out;
}

// --- internal ---

function add(out: Part[], part: Part): void {
  const last = out.at(-1);
  if (part.kind === "space") {
    if (last?.kind === "space") out[out.length - 1] = mergeSpacing(last, part);
    else out.push(part);
  } else if (part.kind === "text") {
    if (last?.kind === "text" && last.trailing === part.trailing)
      out[out.length - 1] = { ...last, text: last.text + part.text };
    else out.push(part);
  } else addGroup(out, part, last);
}

function addGroup(out: Part[], part: Extract<Part, { kind: "group" }>, last: Part | undefined): void {
  const takesSpace = last?.kind === "space" && last.spacing === spacing.hardSpace;
  if (takesSpace) out.pop();
  const inner = tidy(takesSpace ? [...hardSpace, ...part.doc] : part.doc);
  let start = 0;
  let end = inner.length;
  while (start < end && isHard(inner[start])) start++;
  while (end > start && isHard(inner[end - 1])) end--;
  for (const moved of inner.slice(0, start)) add(out, moved);
  const body = inner.slice(start, end);
  const [only] = body;
  if (only !== undefined) {
    const isDouble = body.length === 1 && only.kind === "group" && only.group === part.group;
    out.push({ kind: "group", group: part.group, doc: isDouble ? only.doc : body });
  }
  for (const moved of inner.slice(end)) add(out, moved);
}

function isHard(part: Part | undefined): boolean {
  return (
    part?.kind === "space" && part.spacing !== spacing.softSpace && part.spacing !== spacing.space && part.spacing >= 2
  );
}
