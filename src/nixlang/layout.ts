/**
 * Settles the line breaks of a document as nixfmt does (its layout is that of RFC 166): what fits on the line stays there, and of
 * what does not, as little as possible is broken. A line has a hundred columns; its indentation does not count.
 */
import { type Doc, mergeSpacing, type Part, spacing } from "./doc.ts";

const width = 100;
const indentWidth = 2;

/** The text of a document, without blanks at its ends. */
export function layout(doc: Doc): string {
  const state: State = { out: [], column: 0, indents: { columns: 0, depth: 0, outer: undefined } };
  render(doc, undefined, state);
  return state.out.join("").trim();
}

// --- internal ---

type Space = Extract<Part, { kind: "space" }>;

/** What follows: a document from an index on, and then more. */
interface Rest {
  readonly doc: Doc;
  readonly from: number;
  readonly following: Rest | undefined;
}

interface Indent {
  readonly columns: number;
  readonly depth: number;
  readonly outer: Indent | undefined;
}

interface State {
  readonly out: string[];
  /** On the line, without its indentation; 0 where nothing has been written yet. */
  column: number;
  indents: Indent;
}

/** The parts one after the other, their own spaces as line breaks. */
function render(doc: Doc, rest: Rest | undefined, state: State): void {
  for (const [index, part] of doc.entries()) {
    const after: Rest = { doc, from: index + 1, following: rest };
    if (part.kind === "text") put(part.text, part.depth, part.offset, state);
    else if (part.kind === "space") putSpace(part, after, state);
    else renderGroup(part, after, state);
  }
}

function renderGroup(
  { doc, group, isTall, hasPriority }: Extract<Part, { kind: "group" }>,
  rest: Rest,
  state: State,
): void {
  if (!isTall && fitOnLine(doc, rest, state)) return;
  if (group !== "transparent" && hasPriority) {
    for (const split of prioritySplits(doc)) {
      const before = { length: state.out.length, column: state.column, indents: state.indents };
      if (renderSplit(split, rest, state)) return;
      state.out.length = before.length;
      state.column = before.column;
      state.indents = before.indents;
    }
  }
  render(doc, rest, state);
}

/** The group on the rest of this line, if it fits there with what must follow it on the line. */
function fitOnLine(doc: Doc, rest: Rest | undefined, state: State): boolean {
  if (doc.length === 0) return true;
  if (state.column > 0) {
    const line = flat(doc, width - state.column - firstLineWidth(rest));
    if (line === undefined) return false;
    state.out.push(line);
    state.column += line.length;
    return true;
  }
  const begun = withoutLeadingSpace(doc);
  const line = flat(begun, width - firstLineWidth(rest));
  if (line === undefined) return false;
  const first = firstText(begun);
  put(line, first?.depth ?? 0, first?.offset ?? 0, state);
  return true;
}

function withoutLeadingSpace(doc: Doc): Doc {
  const [first, ...others] = doc;
  if (first?.kind === "space") return others;
  if (first?.kind === "group" && first.doc[0]?.kind === "space")
    return [{ ...first, doc: first.doc.slice(1) }, ...others];
  return doc;
}

function firstText(doc: Doc): Extract<Part, { kind: "text" }> | undefined {
  for (const part of doc) {
    if (part.kind === "text") return part;
    if (part.kind === "group") return firstText(part.doc);
  }
  return undefined;
}

// Priority groups.

interface Split {
  readonly before: Doc;
  readonly priority: Doc;
  readonly after: Doc;
}

/** The last priority group first. */
function* prioritySplits(doc: Doc): Generator<Split> {
  const parts: Part[] = [];
  const priorities: number[] = [];
  const collect = (inner: Doc): void => {
    for (const part of inner) {
      if (part.kind === "group" && part.group === "transparent") collect(part.doc);
      else {
        if (part.kind === "group" && part.group === "priority") priorities.push(parts.length);
        parts.push(part);
      }
    }
  };
  collect(doc);
  const opened = (from: number, to?: number): Doc =>
    parts.slice(from, to).flatMap((part) => (part.kind === "group" && part.group === "priority" ? part.doc : [part]));
  for (const index of priorities.reverse()) {
    const part = parts[index] as Extract<Part, { kind: "group" }>;
    yield { before: opened(0, index), priority: part.doc, after: opened(index + 1) };
  }
}

/** The priority group broken, if what is before it fits on its first line and what is after it on its last. */
function renderSplit({ before, priority, after }: Split, rest: Rest, state: State): boolean {
  const following: Rest = { doc: after, from: 0, following: rest };
  if (!fitOnLine(before, { doc: priority, from: 0, following }, state)) return false;
  render(priority, { doc: after.flatMap(unbroken), from: 0, following: rest }, state);
  return fitOnLine(after, rest, state);
}

function unbroken(part: Part): Part[] {
  if (part.kind !== "space") return [part];
  if (part.spacing === spacing.break || part.spacing === spacing.softBreak) return [];
  const isSoft = part.spacing === spacing.space || part.spacing === spacing.softSpace;
  return [isSoft ? { ...part, spacing: spacing.hardSpace } : part];
}

// Measuring.

/** The document on one line of at most `columns`; undefined where it does not fit. */
function flat(doc: Doc, columns: number): string | undefined {
  let line = "";
  let pending: Space | undefined;
  const flush = (): boolean => {
    if (pending === undefined) return true;
    if (pending.spacing >= spacing.hardLine) return false;
    if (pending.spacing >= spacing.hardSpace) line += " ";
    pending = undefined;
    return line.length <= columns;
  };
  const take = (inner: Doc): boolean => {
    for (const part of inner) {
      if (part.kind === "space") {
        pending = pending === undefined ? part : mergeSpacing(pending, part);
        if (pending.spacing >= spacing.hardLine) return false;
      } else if (part.kind === "group") {
        if (part.isTall || !take(part.doc)) return false;
      } else if (!part.trailing) {
        if (!flush()) return false;
        line += part.text;
        if (line.length > columns) return false;
      }
    }
    return true;
  };
  return columns >= 0 && take(doc) && flush() ? line : undefined;
}

/** How much stands on the line before the first place where it could break. */
function firstLineWidth(rest: Rest | undefined): number {
  let total = 0;
  let pending: Space | undefined;
  eachPart(rest, (part) => {
    if (part.kind === "space") {
      pending = pending === undefined ? part : mergeSpacing(pending, part);
      return pending.spacing === spacing.hardSpace;
    }
    if (part.kind === "text") {
      if (pending !== undefined) total += 1;
      pending = undefined;
      total += part.text.length;
    }
    return true;
  });
  return total;
}

/** Calls `see` with texts and spaces in order, through groups, until it says no. */
function eachPart(rest: Rest | undefined, see: (part: Part) => boolean): void {
  const walk = (doc: Doc, from: number): boolean => {
    for (let index = from; index < doc.length; index++) {
      const part = doc[index] as Part;
      if (part.kind === "group" ? !walk(part.doc, 0) : !see(part)) return false;
    }
    return true;
  };
  for (let place = rest; place !== undefined; place = place.following) if (!walk(place.doc, place.from)) return;
}

/** Whether what comes up to the next possible line break fits into `columns`, with groups kept whole where they can be. */
function firstLineFits(columns: number, rest: Rest): boolean {
  let left = width;
  const enough = (): boolean => width - left <= columns;
  let answer: boolean | undefined;
  const walk = (doc: Doc, from: number, after: Rest | undefined): void => {
    for (let index = from; index < doc.length && answer === undefined; index++) {
      const part = doc[index] as Part;
      if (left < 0) answer = false;
      else if (part.kind === "text") left -= part.trailing ? 0 : part.text.length;
      else if (part.kind === "space") {
        if (part.spacing === spacing.hardSpace) left -= 1;
        else answer = enough();
      } else {
        const line = flat(part.doc, left - firstLineWidth({ doc, from: index + 1, following: after }));
        if (line === undefined) walk(part.doc, 0, { doc, from: index + 1, following: after });
        else left -= line.length;
      }
    }
  };
  for (let place: Rest | undefined = rest; place !== undefined && answer === undefined; place = place.following)
    walk(place.doc, place.from, place.following);
  return answer ?? (left >= 0 && enough());
}

// Writing.

function putSpace(part: Space, rest: Rest, state: State): void {
  // A line that has just begun has had its break.
  if (state.column === 0) return;
  switch (part.spacing) {
    case spacing.hardSpace:
      state.out.push(" ");
      state.column += 1;
      return;
    case spacing.softBreak:
      if (!firstLineFits(width - state.column, rest)) breakLine(1, state);
      return;
    case spacing.softSpace:
      if (!firstLineFits(width - state.column - 1, rest)) breakLine(1, state);
      else {
        state.out.push(" ");
        state.column += 1;
      }
      return;
    case spacing.emptyLine:
      breakLine(2, state);
      return;
    case spacing.newlines:
      breakLine(part.count, state);
      return;
    default:
      breakLine(1, state);
  }
}

function breakLine(count: number, state: State): void {
  state.out.push("\n".repeat(count));
  state.column = 0;
}

/** Only the first of several levels that begin on one line moves what is inside them in. */
function put(content: string, depth: number, offset: number, state: State): void {
  while (depth < state.indents.depth && state.indents.outer !== undefined) state.indents = state.indents.outer;
  if (depth > state.indents.depth) {
    const columns = state.indents.columns + (state.column === 0 ? indentWidth : 0);
    state.indents = { columns, depth, outer: state.indents };
  }
  if (state.column === 0) state.out.push(" ".repeat(state.indents.columns + offset));
  state.out.push(content);
  state.column += content.length;
}
