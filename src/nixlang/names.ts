/** Names in Nix: which are identifiers as they stand, and which must be quoted. */

const identifierPattern = /^[A-Za-z_][A-Za-z0-9_'-]*$/;

const keywords: ReadonlySet<string> = new Set([
  "assert",
  "else",
  "if",
  "in",
  "inherit",
  "let",
  "or",
  "rec",
  "then",
  "with",
]);

/** Names that are in scope everywhere; a lambda's parameter must not hide them. */
export const globalNames: ReadonlySet<string> = new Set([
  "abort",
  "baseNameOf",
  "break",
  "builtins",
  "derivation",
  "derivationStrict",
  "dirOf",
  "false",
  "fetchGit",
  "fetchMercurial",
  "fetchTarball",
  "fetchTree",
  "fromTOML",
  "import",
  "isNull",
  "map",
  "null",
  "placeholder",
  "removeAttrs",
  "scopedImport",
  "throw",
  "toString",
  "true",
]);

/** True when `name` can stand unquoted as an attribute name or a variable. */
export function isIdentifier(name: string): boolean {
  return identifierPattern.test(name) && !keywords.has(name);
}
