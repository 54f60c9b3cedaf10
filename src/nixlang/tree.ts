/** Nix expressions as data: what the recorder makes and the printer writes. Nothing here evaluates anything. */
import type { SourcePosition } from "../errors.ts";

/** One Nix expression. */
export type NixExpr =
  | NixString
  | NixInt
  | NixFloat
  | NixBool
  | NixNull
  | NixPath
  | NixList
  | NixAttrs
  | NixIdentifier
  | NixSelect
  | NixHasAttr
  | NixApply
  | NixLambda
  | NixLet
  | NixIf
  | NixWith
  | NixUnary
  | NixBinary
  | NixRaw;

interface Node<Kind extends string> {
  readonly kind: Kind;
  /** Where in the user's TypeScript this came from, when it is known. */
  readonly at?: SourcePosition;
}

/** Text with antiquotations. The printer chooses between `"..."` and `''...''`, which mean the same, unless it is told. */
export interface NixString extends Node<"string"> {
  readonly notation?: "quoted";
  /** Plain strings are text as it is meant, not as it is written; expressions become `${...}`. */
  readonly parts: readonly (string | NixExpr)[];
}
export interface NixInt extends Node<"int"> {
  /** Between -2^63 and 2^63 - 1. */
  readonly value: number | bigint;
}
export interface NixFloat extends Node<"float"> {
  readonly value: number;
}
export interface NixBool extends Node<"bool"> {
  readonly value: boolean;
}
export interface NixNull extends Node<"null"> {}
/** A path literal, written as it stands: `./x.nix`, `../modules/web.nix`, `./.`. */
export interface NixPath extends Node<"path"> {
  readonly text: string;
}
export interface NixList extends Node<"list"> {
  readonly items: readonly NixExpr[];
}
export interface NixAttrs extends Node<"attrs"> {
  readonly recursive?: boolean;
  /** Blank lines between groups, as in the outermost attribute set of a file. */
  readonly spaced?: boolean;
  readonly entries: readonly NixEntry[];
}
export type NixEntry = NixBinding | NixInherit;
export interface NixBinding extends Node<"binding"> {
  /** `a.b.c` is three keys. */
  readonly keys: readonly NixKey[];
  readonly value: NixExpr;
  /** Lines written above the binding, each without its `# `. */
  readonly comment?: readonly string[];
  /** A blank line follows, also between two bindings of one line each. */
  readonly apart?: boolean;
}
/** `inherit a b;` or `inherit (from) a b;`. */
export interface NixInherit extends Node<"inherit"> {
  readonly from?: NixExpr;
  readonly names: readonly string[];
}
/** An attribute name: fixed text, quoted where Nix needs it, or an expression, written as `${...}`. */
export type NixKey = string | NixExpr;
export interface NixIdentifier extends Node<"identifier"> {
  readonly name: string;
}
export interface NixSelect extends Node<"select"> {
  readonly base: NixExpr;
  readonly keys: readonly NixKey[];
  /** `base.keys or fallback`. */
  readonly fallback?: NixExpr;
}
/** `base ? keys`. */
export interface NixHasAttr extends Node<"has"> {
  readonly base: NixExpr;
  readonly keys: readonly NixKey[];
}
/** `fn a b`, applied to its arguments one after the other. */
export interface NixApply extends Node<"apply"> {
  readonly fn: NixExpr;
  readonly args: readonly NixExpr[];
}
export interface NixLambda extends Node<"lambda"> {
  readonly param: NixParam;
  readonly body: NixExpr;
}
export type NixParam =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "pattern"; readonly names: readonly NixFormal[]; readonly open: boolean; readonly as?: string };
export interface NixFormal {
  readonly name: string;
  readonly fallback?: NixExpr;
}
export interface NixLet extends Node<"let"> {
  /** Blank lines between groups, as in the outermost `let` of a file. */
  readonly spaced?: boolean;
  readonly entries: readonly NixEntry[];
  readonly body: NixExpr;
}
export interface NixIf extends Node<"if"> {
  readonly condition: NixExpr;
  readonly whenTrue: NixExpr;
  readonly whenFalse: NixExpr;
}
/** Never made by floe: `with` captures names silently. It is here for files that people wrote. */
export interface NixWith extends Node<"with"> {
  readonly scope: NixExpr;
  readonly body: NixExpr;
}
export interface NixUnary extends Node<"unary"> {
  readonly operator: "-" | "!";
  readonly operand: NixExpr;
}
export type NixOperator =
  | "->"
  | "||"
  | "&&"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "//"
  | "+"
  | "-"
  | "*"
  | "/"
  | "++";
export interface NixBinary extends Node<"binary"> {
  readonly operator: NixOperator;
  readonly left: NixExpr;
  readonly right: NixExpr;
}
/** Nix text that the user wrote, with expressions spliced in. Text between two expressions is kept as it is. */
export interface NixRaw extends Node<"raw"> {
  readonly parts: readonly (string | NixExpr)[];
}
