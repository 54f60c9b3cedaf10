/** What an editor shows for an option. */
import type { OptionEntry, TypeNode } from "./dump.ts";
import { familyOf } from "./kinds.ts";
import { describeRange, rangeOf } from "./ranges.ts";

/** Longer descriptions are cut: an editor shows a window, and the file is read by people too. In characters. */
const MAX_LENGTH = 1000;

/** The text of the comment above an option. */
export function docText(option: OptionEntry): string {
  const text = plainDescription(option.description ?? "");
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH).trimEnd()} …` : text;
  const facts = factsOf(option);
  return cut === "" || facts === "" ? cut + facts : `${cut}\n\n${facts}`;
}

/**
 * A description as Markdown. nixpkgs wrote DocBook until 2022 and writes Markdown with roles since, where `{option}` before code says what
 * it names.
 */
export function plainDescription(text: string): string {
  const trimmed = text.trim();
  if (!/[<&`]|\n\s/.test(trimmed)) return trimmed;
  return trimmed
    .replace(/\{(?:option|file|command|var|env|manpage|ref|dfn)\}(?=`)/g, "")
    .replace(
      /<\/?(?:literal|option|filename|command|varname|envar|code|replaceable|constant|parameter|package|function)\b[^>]*>/g,
      "`",
    )
    .replace(/<xref linkend="(?:opt-)?([^"]*)"\s*\/>/g, "`$1`")
    .replace(/<link xlink:href="([^"]*)"\s*\/>/g, "$1")
    .replace(/<\/?[a-z][\w:-]*(?:\s[^<>]*)?\/?>/g, "")
    .replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? "")
    .replace(/``+(?!`)/g, (marks) => (marks.length === 2 ? "`" : marks))
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** A comment above a declaration, indented by `indent`; nothing when there is nothing to say. */
export function comment(text: string, indent = ""): string {
  if (text === "") return "";
  const safe = text.includes("*/") ? text.replaceAll("*/", "*\\/") : text;
  if (!safe.includes("\n")) return `${indent}/** ${safe} */\n`;
  const inside = safe.replace(/\n+/g, (breaks) => `${`\n${indent} *`.repeat(breaks.length)} `);
  return `${indent}/**\n${indent} * ${inside}\n${indent} */\n`;
}

// --- internal ---

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** What is known besides the description, in one line. */
function factsOf(option: OptionEntry): string {
  const { declared, line } = option;
  const limits = limitsOf(option.type);
  const facts: string[] = [];
  if (option.readOnly === true) facts.push("Read-only.");
  if (limits !== undefined) facts.push(`${limits}.`);
  if (option.default !== undefined) facts.push(defaultFact(option.default));
  if (declared !== undefined) facts.push(`Declared in \`${declared}${line === undefined ? "" : `:${line}`}\`.`);
  return facts.join(" ");
}

function defaultFact(text: string): string {
  const trimmed = text.trim();
  return trimmed.includes("\n") ? `Default:\n\`\`\`nix\n${trimmed}\n\`\`\`\n` : `Default: \`${trimmed}\`.`;
}

/** What the type cannot say in TypeScript. */
function limitsOf(type: TypeNode): string | undefined {
  if (familyOf(type.kind) === "nullable" && type.elem !== undefined) return limitsOf(type.elem);
  const range = rangeOf(type);
  if (range !== undefined) return `A number: ${describeRange(range)}`;
  return type.pattern === undefined ? undefined : `Matches \`${type.pattern}\``;
}
