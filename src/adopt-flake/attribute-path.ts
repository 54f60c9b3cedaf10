import { isIdentifier } from "../nixlang/names.ts";

/** An attribute path as Nix writes it: `homeConfigurations."me@crown"`. */
export function attributePath(names: readonly string[]): string {
  return names.map((name) => (isIdentifier(name) ? name : `"${name.replace(/["\\]|\$\{/g, "\\$&")}"`)).join(".");
}
