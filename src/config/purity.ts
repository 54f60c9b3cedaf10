/**
 * Whether a file of the user's always means the same. A plain scan of its text: a word counts also in a comment or a string, and what is
 * not known to be pure is not. A wrong "no" costs some milliseconds, a wrong "yes" would cost a stale fleet.
 */

/** The globals whose every use depends on nothing but its arguments. All others of this Node are refused, whatever they are. */
const PURE_GLOBALS: ReadonlySet<string> = new Set([
  ...["Object", "Array", "String", "Number", "Boolean", "BigInt", "Symbol", "RegExp", "Map", "Set", "Promise", "JSON"],
  ...["Math", "Proxy", "Reflect", "WeakMap", "WeakSet", "Error", "TypeError", "RangeError", "SyntaxError", "URIError"],
  ...[
    "undefined",
    "NaN",
    "Infinity",
    "isNaN",
    "isFinite",
    "parseInt",
    "parseFloat",
    "URL",
    "URLSearchParams",
    "Uint8Array",
  ],
  ...["encodeURI", "encodeURIComponent", "decodeURI", "decodeURIComponent", "escape", "unescape", "atob", "btoa"],
  ...["TextEncoder", "TextDecoder", "structuredClone"],
]);

/** Words that are no globals, and reach the world, the loader or the place of the program all the same. */
const REFUSED_WORDS: ReadonlySet<string> = new Set([
  // What the loader puts around a file.
  ...["require", "exports", "arguments", "__filename", "__dirname", "jitiImport", "jitiESMResolve"],
  // Ways from a harmless value to a global.
  ...["constructor", "__proto__", "globalThis", "global", "eval", "Function", "process"],
  // Members of pure globals that are not.
  ...["random", "stack", "captureStackTrace", "prepareStackTrace", "localeCompare"],
]);

const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;
const SPECIFIER = /\b(?:from|import)\s*(["'])(.*?)\1/g;

/**
 * The files that a source text imports, as it names them; undefined when the text may depend on anything but "floe" and on these.
 * An import must name its file in full (`./x.ts`), or what it finds would depend on its neighbours.
 */
export function pureImports(text: string): string[] | undefined {
  // An escape can spell any word; a comment or anything else after `import` can hide what is imported.
  if (text.includes("\\u") || /\bimport\s*[^\s\w$"'{*]|\bfrom\s*\/[/*]/.test(text)) return undefined;
  for (const [word] of text.matchAll(WORD)) if (isImpure(word)) return undefined;
  const specifiers = [...text.matchAll(SPECIFIER)].map((match) => match[2] as string).filter((name) => name !== "floe");
  return specifiers.every((name) => /^\.\.?\/[^\\?#%]+\.m?ts$/.test(name)) ? specifiers : undefined;
}

// --- internal ---

function isImpure(word: string): boolean {
  if (REFUSED_WORDS.has(word) || word.startsWith("toLocale")) return true;
  return Object.hasOwn(globalThis, word) && !PURE_GLOBALS.has(word);
}
