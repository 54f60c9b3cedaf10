/** Files that floe writes among the user's own, and never over what a person wrote: the first line of each says what the rest was when floe wrote it. */
import { createHash } from "node:crypto";
import { readText, writeFileWhole } from "./files.ts";

/** What is there: nothing, somebody else's file, floe's as floe left it, or floe's with a person's changes. */
export type FileState = "absent" | "foreign" | "own" | "edited";

const mark = /floe:([0-9a-f]{16})/;

/** The text with a line at its beginning, or behind a `#!` line, that marks it. `comment` begins a comment of its language. */
export function marked(text: string, comment = "#"): string {
  const [shebang, body] = text.startsWith("#!") ? splitLine(text) : ["", text];
  return `${shebang}${comment} floe:${digest(shebang + body)} Written by floe; it is only written again while nobody else has changed it.\n${body}`;
}

export function fileState(path: string): FileState {
  const text = readText(path);
  if (text === undefined) return "absent";
  const line = text.split("\n", 2).find((each) => mark.test(each));
  const found = line === undefined ? undefined : mark.exec(line)?.[1];
  if (line === undefined || found === undefined) return "foreign";
  return digest(text.replace(`${line}\n`, "")) === found ? "own" : "edited";
}

/** Writes it unless a person's work is in the way; answers what was there. Whether it was written is `state` `absent` or `own`. */
export function writeOwned(path: string, text: string, comment?: string): FileState {
  const state = fileState(path);
  const whole = marked(text, comment);
  if ((state === "absent" || state === "own") && readText(path) !== whole) writeFileWhole(path, whole);
  return state;
}

// --- internal ---

function splitLine(text: string): [line: string, rest: string] {
  const end = text.indexOf("\n") + 1;
  return [text.slice(0, end), text.slice(end)];
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
