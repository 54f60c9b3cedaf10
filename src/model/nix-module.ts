/** Nix that the user wrote in TypeScript, as trees that `synth/` prints. */
import type { SourcePosition } from "../errors.ts";
import type { NixExpr } from "../nixlang/tree.ts";

/** A Nix value that is not a module of its own, such as the argument of `mkShell`. */
export type NixValueTree = NixExpr;

/** One NixOS module written in TypeScript; it becomes one `.nix` file. */
export interface NixModule {
  readonly source: SourcePosition;
  /** The file `synth/` writes, relative to the project: `nix/hosts/crown.nix`. */
  readonly file: string;
  /** The whole file's expression: a lambda of the module arguments, or an attribute set. */
  readonly expr: NixExpr;
}
