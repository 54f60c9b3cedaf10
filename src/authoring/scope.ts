/** Which variables are in reach at a place of the tree, and under which names. */
import { globalNames, isIdentifier } from "../nixlang/names.ts";
import type { Variable } from "./recorded.ts";

/** Names that modules are given: a lambda's own parameter takes another name, so that text in `nix` tags keeps its meaning. */
export const moduleArgumentNames: readonly string[] = ["config", "lib", "pkgs", "options", "modulesPath", "inputs"];

interface Bound {
  readonly variable: Variable;
  readonly name: string;
}

export type Lookup = { readonly name: string } | { readonly hiddenBy: string } | "unknown";

/** Immutable; an inner scope is a new one. */
export class Scope {
  readonly #given: ReadonlyMap<string, Variable>;
  readonly #bound: readonly Bound[];

  /** `given` are the module arguments, by name; it grows while functions run. */
  constructor(given: ReadonlyMap<string, Variable>, bound: readonly Bound[] = []) {
    this.#given = given;
    this.#bound = bound;
  }

  /** A parameter that may be renamed, so that it hides nothing. */
  withParameter(variable: Variable): { readonly scope: Scope; readonly name: string } {
    const base = isIdentifier(variable.hint) ? variable.hint : "x";
    let name = base;
    for (let number = 2; this.#isTaken(name); number++) name = `${base}${number}`;
    return { scope: this.withFixed([{ variable, name }]), name };
  }

  /** Names that must stay as they are: those of a pattern. */
  withFixed(bound: readonly Bound[]): Scope {
    return new Scope(this.#given, [...this.#bound, ...bound]);
  }

  lookUp(variable: Variable): Lookup {
    const isGiven = this.#given.get(variable.hint) === variable;
    const name = isGiven ? variable.hint : this.#bound.find((bound) => bound.variable === variable)?.name;
    if (name === undefined) return "unknown";
    const innermost = this.#bound.findLast((bound) => bound.name === name);
    return (innermost?.variable ?? variable) === variable ? { name } : { hiddenBy: name };
  }

  #isTaken(name: string): boolean {
    return (
      globalNames.has(name) ||
      moduleArgumentNames.includes(name) ||
      this.#given.has(name) ||
      this.#bound.some((bound) => bound.name === name)
    );
  }
}
