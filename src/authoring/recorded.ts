/** What a reference stands for, before its arguments are turned into Nix. */
import type { NixExpr } from "../nixlang/tree.ts";
import type { Origin } from "./origin.ts";

/** A variable: a module argument or a lambda's parameter. Its name is settled when the tree is made. */
export interface Variable {
  /** The name the user gave it. */
  readonly hint: string;
  readonly origin: Origin | undefined;
}

export type Recorded = RecordedForm & { readonly origin: Origin };

type RecordedForm =
  | { readonly kind: "variable"; readonly variable: Variable }
  | {
      readonly kind: "select";
      readonly base: unknown;
      readonly keys: readonly unknown[];
      readonly fallback?: { readonly value: unknown };
    }
  | { readonly kind: "has"; readonly base: unknown; readonly keys: readonly unknown[] }
  | { readonly kind: "apply"; readonly fn: unknown; readonly args: readonly unknown[] }
  | { readonly kind: "raw"; readonly parts: readonly (string | { readonly value: unknown })[] }
  | { readonly kind: "path"; readonly text: string }
  | {
      readonly kind: "let";
      readonly bindings: Readonly<Record<string, unknown>>;
      readonly body: (variables: never) => unknown;
    }
  | { readonly kind: "if"; readonly condition: unknown; readonly whenTrue: unknown; readonly whenFalse: unknown }
  | { readonly kind: "unary"; readonly operator: "!" | "-"; readonly operand: unknown }
  | {
      readonly kind: "binary";
      readonly operator: "//" | "++" | "&&" | "||" | "==" | "!=";
      readonly left: unknown;
      readonly right: unknown;
    }
  | { readonly kind: "constant"; readonly expr: NixExpr };
