/** What the many names of NixOS types come down to. */
import { isNumberKind } from "./ranges.ts";

/** What TypeScript can tell apart. `any` is also the answer for names that nobody here knows. */
export type Family =
  | "boolean"
  | "number"
  | "string"
  | "path"
  | "package"
  | "enum"
  | "list"
  | "attributes"
  | "nullable"
  | "either"
  | "coerced"
  | "same"
  | "function"
  | "submodule"
  | "tagged"
  | "up"
  | "any";

const FAMILIES: Readonly<Record<string, Family>> = {
  int: "number",
  bool: "boolean",
  boolByOr: "boolean",
  str: "string",
  string: "string",
  nonEmptyStr: "string",
  singleLineStr: "string",
  strMatching: "string",
  separatedString: "string",
  path: "path",
  externalPath: "path",
  pathInStore: "path",
  package: "package",
  shellPackage: "package",
  enum: "enum",
  listOf: "list",
  attrsOf: "attributes",
  lazyAttrsOf: "attributes",
  loaOf: "attributes",
  nullOr: "nullable",
  either: "either",
  coercedTo: "coerced",
  uniq: "same",
  unique: "same",
  functionTo: "function",
  submodule: "submodule",
  attrTag: "tagged",
  up: "up",
};

export function familyOf(kind: string): Family {
  if (Object.hasOwn(FAMILIES, kind)) return FAMILIES[kind] as Family;
  if (isNumberKind(kind)) return "number";
  return kind.startsWith("passwdEntry") ? "string" : "any";
}
