/** A type in a few words, for `floe options` and `floe why`. */
import type { TypeNode } from "./dump.ts";
import { familyOf } from "./kinds.ts";
import { describeRange, isIntegerKind, rangeOf } from "./ranges.ts";

/** Values of an enum that are written out. */
const SHOWN = 12;

export function describeType(type: TypeNode): string {
  const inner = (part: TypeNode | undefined): string => (part === undefined ? "any value" : describeType(part));
  switch (familyOf(type.kind)) {
    case "boolean":
      return "boolean";
    case "number":
      return describeNumber(type);
    case "string":
      return describeText(type);
    case "path":
      return type.relative === true ? "path" : "absolute path";
    case "package":
      return "package";
    case "enum":
      return describeValues(type.values ?? []);
    case "list":
      return `${type.nonEmpty === true ? "non-empty list" : "list"} of ${inParentheses(inner(type.elem))}`;
    case "attributes":
      return `attribute set of ${inParentheses(inner(type.elem))}`;
    case "nullable":
      return `null or ${inner(type.elem)}`;
    case "either":
      return `${inner(type.left)} or ${inner(type.right)}`;
    case "coerced":
      return type.from === undefined
        ? `${inner(type.elem)}, or what converts to it`
        : `${inner(type.elem)} or ${inner(type.from)}`;
    case "same":
      return inner(type.elem);
    case "function":
      return `function that gives ${inner(type.elem)}`;
    case "submodule":
      return "submodule";
    case "tagged":
      return `one of the attributes ${Object.keys(type.tags ?? {}).join(", ")}`;
    case "up":
      return "the same again";
    case "any":
      return type.description ?? type.kind;
  }
}

// --- internal ---

function describeNumber(type: TypeNode): string {
  const range = rangeOf(type);
  const noun = isIntegerKind(type.kind) ? "integer" : "number";
  if (range?.min === 0 && range.max === 65535) return "port or other 16-bit number, 0 to 65535";
  return range === undefined ? noun : `${noun}, ${describeRange(range)}`;
}

function describeText({ kind, pattern, separator }: TypeNode): string {
  if (pattern !== undefined) return `string that matches ${pattern}`;
  if (kind === "separatedString" && separator === "\n") return "lines of text";
  return typeof separator === "string" && separator !== ""
    ? `string, joined with ${JSON.stringify(separator)}`
    : "string";
}

function describeValues(values: readonly unknown[]): string {
  const shown = values.slice(0, SHOWN).map((value) => JSON.stringify(value));
  return `one of ${shown.join(", ")}${values.length > SHOWN ? ", …" : ""}`;
}

function inParentheses(text: string): string {
  return / or /.test(text) ? `(${text})` : text;
}
