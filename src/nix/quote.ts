/** Values as Nix text. */

/** A Nix string literal. */
export function quoteNix(text: string): string {
  return `"${text.replace(/["\\]|\$\{/g, "\\$&")}"`;
}

export function nixList(items: readonly string[]): string {
  return `[ ${items.map(quoteNix).join(" ")} ]`;
}
