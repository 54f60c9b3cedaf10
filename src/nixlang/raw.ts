/** Nix text that a person wrote, read just far enough to know where its splices stand and which line breaks may be moved. */
import { SynthError } from "../errors.ts";
import type { NixExpr } from "./tree.ts";

/** How an expression is spliced into the text around it. */
export type SplicePlace = "code" | "string" | "name";

export interface RawScan {
  /** One for each expression, in order. */
  readonly places: readonly SplicePlace[];
  /** Offsets, per part, of line breaks inside a `"..."`: what follows them is content and keeps its indentation. */
  readonly fixedBreaks: readonly ReadonlySet<number>[];
}

type Mode = "code" | "quoted" | "indented";
interface Frame {
  readonly mode: Mode;
  /** The closing brackets still awaited in this stretch of code. */
  readonly awaited: string[];
}

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Throws SynthError when brackets or quotes do not match, or when a splice would run into its neighbours. */
export function scanRaw(parts: readonly (string | NixExpr)[]): RawScan {
  const frames: Frame[] = [{ mode: "code", awaited: [] }];
  const places: SplicePlace[] = [];
  const fixedBreaks: Set<number>[] = [];
  for (const [index, part] of parts.entries()) {
    const breaks = new Set<number>();
    fixedBreaks.push(breaks);
    if (typeof part === "string") scanText(part, frames, breaks, index < parts.length - 1);
    else places.push(spliceAt(frames, neighbour(parts[index - 1]), neighbour(parts[index + 1])));
  }
  const open = frames.at(-1);
  if (frames.length !== 1 || open === undefined || open.awaited.length > 0) {
    throw new SynthError(
      `Nix text ends too early: ${open?.mode === "code" ? `"${open.awaited.at(-1)}" is missing` : "a string is not closed"}`,
    );
  }
  return { places, fixedBreaks };
}

// --- internal ---

function neighbour(part: string | NixExpr | undefined): string | undefined {
  return part === undefined ? "" : typeof part === "string" ? part : undefined;
}

function spliceAt(frames: readonly Frame[], before: string | undefined, after: string | undefined): SplicePlace {
  if (frames.at(-1)?.mode !== "code") return "string";
  if (before === undefined || after === undefined)
    throw new SynthError("Two expressions stand side by side in Nix text", {
      hint: "Put a space or an operator between them",
    });
  if (/(^|[^\d\s])\.$/.test(before) && !/(^|[\s([{/])\.{1,2}$/.test(before)) return "name";
  if (/[{;]\s*$/.test(before) && /^\s*(=[^=]|\.)/.test(after)) return "name";
  if (/[\w'"/~<.-]$/.test(before) || /^[\w'"/]/.test(after)) {
    throw new SynthError("An expression in Nix text touches the word beside it", {
      hint: 'Put spaces around ${...}; build paths with nix.path and strings with "..."',
    });
  }
  return "code";
}

function scanText(text: string, frames: Frame[], breaks: Set<number>, more: boolean): void {
  let at = 0;
  while (at < text.length) {
    const frame = frames.at(-1);
    if (frame === undefined) return;
    if (frame.mode === "code") at = scanCode(text, at, frames, frame, more);
    else if (frame.mode === "quoted") at = scanQuoted(text, at, frames, breaks);
    else at = scanIndented(text, at, frames);
  }
}

function scanCode(text: string, at: number, frames: Frame[], frame: Frame, more: boolean): number {
  const char = text.charAt(at);
  if (char === "#" || text.startsWith("/*", at)) return skipComment(text, at, more);
  if (char === '"') frames.push({ mode: "quoted", awaited: [] });
  else if (text.startsWith("''", at) && !/[\w'-]/.test(text.charAt(at - 1))) {
    frames.push({ mode: "indented", awaited: [] });
    return at + 2;
  } else if (closing[char] !== undefined) frame.awaited.push(closing[char]);
  else if (char === ")" || char === "]" || char === "}") close(frames, frame, char);
  return at + 1;
}

function close(frames: Frame[], frame: Frame, char: string): void {
  if (frame.awaited.length === 0 && char === "}" && frames.length > 1) {
    frames.pop();
    return;
  }
  const wanted = frame.awaited.pop();
  if (wanted !== char)
    throw new SynthError(
      `Nix text has "${char}" where ${wanted === undefined ? "nothing is open" : `"${wanted}" is due`}`,
    );
}

function skipComment(text: string, at: number, more: boolean): number {
  const [end, length] = text.charAt(at) === "#" ? ["\n", 1] : ["*/", 2];
  const found = text.indexOf(end, at + length);
  if (found >= 0) return found + end.length;
  if (more) throw new SynthError("An expression stands in a comment of Nix text");
  throw new SynthError(end === "*/" ? "Nix text ends in an open comment" : "Nix text ends in a comment", {
    hint: "Put the comment above the expression",
  });
}

function scanQuoted(text: string, at: number, frames: Frame[], breaks: Set<number>): number {
  const char = text.charAt(at);
  if (char === "\\") return at + 2;
  if (char === "\n") breaks.add(at);
  if (char === '"') frames.pop();
  else if (text.startsWith("$$", at)) return at + 2;
  else if (text.startsWith("${", at)) return openCode(frames, at);
  return at + 1;
}

function scanIndented(text: string, at: number, frames: Frame[]): number {
  if (text.startsWith("''", at)) {
    if (text.startsWith("''\\", at)) return at + 4;
    if (text.startsWith("'''", at) || text.startsWith("''$", at)) return at + 3;
    frames.pop();
    return at + 2;
  }
  if (text.startsWith("$$", at)) return at + 2;
  if (text.startsWith("${", at)) return openCode(frames, at);
  return at + 1;
}

function openCode(frames: Frame[], at: number): number {
  frames.push({ mode: "code", awaited: [] });
  return at + 2;
}
