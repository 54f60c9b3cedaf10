/** What a JavaScript function says about its parameters. */

export type Parameter = { readonly kind: "name"; readonly name: string } | { readonly kind: "pattern" };

export type Parameters =
  | { readonly ok: true; readonly list: readonly Parameter[] }
  | { readonly ok: false; readonly reason: string };

/** Reads the parameters from the function's text; a name that cannot be read becomes `x`. */
export function parametersOf(fn: (...args: never[]) => unknown): Parameters {
  const source = Function.prototype.toString.call(fn);
  if (/^class\b/.test(source)) return { ok: false, reason: "a class" };
  if (/^async\b/.test(source)) return { ok: false, reason: "an async function" };
  if (/^(function\s*\*|\*)/.test(source)) return { ok: false, reason: "a generator" };
  const texts = parameterTexts(source);
  if (texts.some((text) => text.startsWith("..."))) return { ok: false, reason: "a function with a rest parameter" };
  if (texts.some(hasDefault)) return { ok: false, reason: "a function with a default value for a parameter" };
  return { ok: true, list: texts.map(parameter) };
}

// --- internal ---

function parameter(text: string): Parameter {
  if (text.startsWith("{")) return { kind: "pattern" };
  return { kind: "name", name: /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? text : "x" };
}

/** `=` outside `=>`, `==` and strings: in a parameter it can only be a default. */
function hasDefault(text: string): boolean {
  return /[^=!<>]=(?![=>])/.test(text);
}

function parameterTexts(source: string): string[] {
  const single = /^([A-Za-z_$][\w$]*)\s*=>/.exec(source);
  if (single?.[1] !== undefined) return [single[1]];
  const start = source.indexOf("(");
  const texts: string[] = [];
  let depth = 0;
  let text = "";
  for (let index = start; index < source.length; index++) {
    const char = source.charAt(index);
    const before = depth;
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char)) depth--;
    if (depth === 0 || (before === 1 && char === "," && depth === 1)) {
      if (text.trim() !== "") texts.push(text.trim());
      text = "";
      if (depth === 0) break;
    } else if (before > 0) text += char;
  }
  return texts;
}
