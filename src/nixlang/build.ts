/** Short ways to make trees. */
import type {
  NixApply,
  NixAttrs,
  NixBinding,
  NixEntry,
  NixExpr,
  NixIdentifier,
  NixKey,
  NixList,
  NixPath,
  NixString,
} from "./tree.ts";

export function identifier(name: string): NixIdentifier {
  return { kind: "identifier", name };
}
export function string(text: string): NixString {
  return { kind: "string", parts: text === "" ? [] : [text] };
}
export function path(text: string): NixPath {
  return { kind: "path", text };
}
export function list(items: readonly NixExpr[]): NixList {
  return { kind: "list", items };
}
export function attrs(entries: readonly NixEntry[], options: { readonly spaced?: boolean } = {}): NixAttrs {
  return { kind: "attrs", entries, ...options };
}
export function bind(
  keys: NixKey | readonly NixKey[],
  value: NixExpr,
  options: { readonly comment?: readonly string[]; readonly apart?: boolean } = {},
): NixBinding {
  return { kind: "binding", keys: Array.isArray(keys) ? keys : [keys as NixKey], value, ...options };
}
export function select(base: NixExpr | string, ...keys: NixKey[]): NixExpr {
  return { kind: "select", base: typeof base === "string" ? identifier(base) : base, keys };
}
export function apply(fn: NixExpr | string, ...args: NixExpr[]): NixApply {
  return { kind: "apply", fn: typeof fn === "string" ? identifier(fn) : fn, args };
}
export function lambda(name: string, body: NixExpr): NixExpr {
  return { kind: "lambda", param: { kind: "name", name }, body };
}
