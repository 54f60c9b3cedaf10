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
  | {
      readonly kind: "group";
      readonly group: GroupKind;
      readonly doc: Doc;
      /** A line break in it is certain: it fits on no line. */
      readonly isTall: boolean;
      /** Whether there are priority groups in it that it may break first. */
      readonly hasPriority: boolean;
    };

export type Doc = readonly Part[];

type SpacePart = Extract<Part, { kind: "space" }>;

/**
 * A document is made by calling the functions below one after the other, each of which adds to it; `build` and `group` take a
 * function that does so. Spaces in a row are merged at once, and spaces that break anyway are moved out of groups.
 */
let out: Part[] = [];
let depth = 0;
let offset = 0;

export function build(make: () => void): Doc {
  const outer = out;
  out = [];
  try {
    make();
    return out;
  } finally {
    out = outer;
  }
}

export function text(content: string): void {
  if (content === "") return;
  const last = out.at(-1);
  if (last?.kind === "text" && !last.trailing) out[out.length - 1] = { ...last, text: last.text + content };
  else out.push({ kind: "text", text: content, depth, offset, trailing: false });
}

export function trailing(content: string): void {
  out.push({ kind: "text", text: content, depth, offset, trailing: true });
}

const spaceParts: readonly SpacePart[] = Object.values(spacing).map((which) => ({
  kind: "space",
  spacing: which,
  count: 1,
}));

export function space(which: Spacing): void {
  addSpace(spaceParts[which] as SpacePart);
}

/** One level deeper. Several levels that begin on one line are one indentation. */
export function nest(make: () => void): void {
  depth += 1;
  try {
    make();
  } finally {
    depth -= 1;
  }
}

/** Columns further in, whatever else begins on the line. */
export function offsetBy(columns: number, make: () => void): void {
  offset += columns;
  try {
    make();
  } finally {
    offset -= columns;
  }
}

export function group(make: () => void, kind: GroupKind = "regular"): void {
  const last = out.at(-1);
  const takesSpace = last?.kind === "space" && last.spacing === spacing.hardSpace;
  if (takesSpace) out.pop();
  const inner = build(takesSpace ? () => (space(spacing.hardSpace), make()) : make);
  place(inner, kind);
}

/** Adds a document that was made before; it begins with a text, or stands after a line break. */
export function append(doc: Doc): void {
  for (const part of doc) {
    if (part.kind === "space") addSpace(part);
    else out.push(part);
  }
}

/** Both sides of what `inside` adds. */
export function surround(outside: Spacing, inside: () => void): void {
  space(outside);
  inside();
  space(outside);
}

export function join<T>(separator: Spacing, items: readonly T[], print: (item: T, index: number) => void): void {
  for (const [index, item] of items.entries()) {
    if (index > 0) space(separator);
    print(item, index);
  }
}

/** The same without its breakable spaces, in no more than `most` characters; undefined when it must take several lines or more. */
export function onOneLine(doc: Doc, most: number = Number.POSITIVE_INFINITY): Doc | undefined {
  let left = most;
  const take = (inner: Doc): boolean => {
    for (const part of inner) {
      if (part.kind === "group") {
        if (part.isTall || !take(part.doc)) return false;
      } else if (part.kind === "text") {
        left -= part.text.length;
        out.push(part);
      } else if (part.spacing >= spacing.hardLine) return false;
      else if (part.spacing >= spacing.hardSpace) {
        left -= 1;
        space(spacing.hardSpace);
      }
      if (left < 0) return false;
    }
    return true;
  };
  let isShort = false;
  const line = build(() => {
    isShort = take(doc);
  });
  return isShort ? line : undefined;
}

/** What is left of spaces in a row. */
export function mergeSpacing(left: SpacePart, right: SpacePart): SpacePart {
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

// --- internal ---

function addSpace(part: SpacePart): void {
  const last = out.at(-1);
  if (last?.kind === "space") out[out.length - 1] = mergeSpacing(last, part);
  else out.push(part);
}

/** A finished group: its outer spaces that break anyway go outside, an empty one dissolves. */
function place(inner: Doc, kind: GroupKind): void {
  let start = 0;
  let end = inner.length;
  while (start < end && isHard(inner[start])) addSpace(inner[start++] as SpacePart);
  while (end > start && isHard(inner[end - 1])) end--;
  const [only, second] = [inner[start], inner[start + 1]];
  if (only !== undefined && start < end) {
    const isSingle = second === undefined || start + 1 === end;
    if (isSingle && only.kind === "group" && only.group === kind) out.push(only);
    else {
      const doc = start === 0 && end === inner.length ? inner : inner.slice(start, end);
      out.push({ kind: "group", group: kind, doc, isTall: doc.some(breaks), hasPriority: doc.some(offersPriority) });
    }
  }
  for (let index = end; index < inner.length; index++) addSpace(inner[index] as SpacePart);
}

function breaks(part: Part): boolean {
  return part.kind === "group" ? part.isTall : part.kind === "space" && part.spacing >= spacing.hardLine;
}

function offersPriority(part: Part): boolean {
  return part.kind === "group" && (part.group === "priority" || (part.group === "transparent" && part.hasPriority));
}

function isHard(part: Part | undefined): boolean {
  return (
    part?.kind === "space" && part.spacing !== spacing.softSpace && part.spacing !== spacing.space && part.spacing >= 2
  );
}
