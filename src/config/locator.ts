import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SourcePosition } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { locateKey } from "./locate.ts";

/**
 * Finds where the user wrote what a problem of the plan is about: the subject is `instance NAME`, `container NAME`, `profile NAME` and the like, the
 * keys lead on from there. Files are read when they are needed; where a text does not tell, the definition itself is the answer.
 */
export function locator(fleet: Fleet): (subject: string, keys: readonly string[]) => SourcePosition | undefined {
  const texts = new Map<string, string>();
  const read = (file: string): string => {
    const text = texts.get(file) ?? readOrNothing(join(fleet.root, file));
    texts.set(file, text);
    return text;
  };
  return (subject, keys) => {
    const found = definitionOf(fleet, subject);
    if (found === undefined) return undefined;
    const { source, path } = found;
    const text = read(source.file);
    const line = text.split("\n")[source.line - 1];
    if (line === undefined) return undefined;
    return {
      file: source.file,
      ...locateKey(text, { ...source, column: line.search(/\S/) + 1 }, [...path, ...writtenAs(keys, text)]),
    };
  };
}

// --- internal ---

function definitionOf(
  fleet: Fleet,
  subject: string,
): { readonly source: SourcePosition; readonly path: readonly string[] } | undefined {
  const [kind, name = ""] = subject.split(" ");
  if (kind === "host") return withPath(fleet.hosts[name]?.source, []);
  if (kind === "home") return withPath(fleet.homes?.[name]?.source, []);
  if (kind === "shell") return withPath(fleet.shells[name]?.source, []);
  if (kind === "container") return withPath(fleet.containers[name]?.source, []);
  if (kind === "profile") return withPath(fleet.profiles?.[name]?.source, []);
  if (kind !== "instance") return undefined;
  const container = Object.values(fleet.containers).find(({ instances }) => Object.hasOwn(instances, name));
  return withPath(container?.source, ["instances", name]);
}

/** A limit may be written below "limits" instead of "config". */
function writtenAs(keys: readonly string[], text: string): readonly string[] {
  const [group, key = ""] = keys;
  if (group !== "config" || !key.startsWith("limits.") || text.includes(key)) return keys;
  return key.split(".");
}

function withPath(source: SourcePosition | undefined, path: readonly string[]) {
  return source && { source, path };
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
