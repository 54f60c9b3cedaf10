/** Values as Nix gives them for showing, and how they read in TypeScript. */

export type Shown =
  | { readonly kind: "plain"; readonly value: string | number | boolean | null }
  | { readonly kind: "list"; readonly items: readonly Shown[] }
  | { readonly kind: "set"; readonly items: Readonly<Record<string, Shown>> }
  | { readonly kind: "package"; readonly name: string | null }
  | { readonly kind: "function" }
  | { readonly kind: "throws" }
  | { readonly kind: "cut"; readonly open: string; readonly close: string };

const width = 90;

/** The value in TypeScript's notation, over several lines where it is long; what is no data stands in angle brackets. */
export function showValue(value: Shown, indent = ""): string {
  const flat = flatText(value);
  if (flat.length + indent.length <= width && !flat.includes("\n")) return flat;
  const inner = `${indent}  `;
  if (value.kind === "list")
    return `[\n${value.items.map((item) => `${inner}${showValue(item, inner)},\n`).join("")}${indent}]`;
  if (value.kind === "set")
    return `{\n${entries(value)
      .map(([name, item]) => `${inner}${keyText(name)}: ${showValue(item, inner)},\n`)
      .join("")}${indent}}`;
  return flat;
}

/** The value as JSON has it; what is no data becomes a text in angle brackets. */
export function toData(value: Shown): unknown {
  switch (value.kind) {
    case "plain":
      return value.value;
    case "list":
      return value.items.map(toData);
    case "set":
      return Object.fromEntries(entries(value).map(([name, item]) => [name, toData(item)]));
    default:
      return flatText(value);
  }
}

// --- internal ---

function flatText(value: Shown): string {
  switch (value.kind) {
    case "plain":
      return JSON.stringify(value.value);
    case "list":
      return value.items.length === 0 ? "[]" : `[${value.items.map(flatText).join(", ")}]`;
    case "set":
      return entries(value).length === 0
        ? "{}"
        : `{ ${entries(value)
            .map(([name, item]) => `${keyText(name)}: ${flatText(item)}`)
            .join(", ")} }`;
    case "package":
      return `<package ${value.name ?? "?"}>`;
    case "function":
      return "<function>";
    case "throws":
      return "<throws>";
    case "cut":
      return `${value.open} … ${value.close}`;
    default:
      return value satisfies never;
  }
}

/** Names with an underscore first are the module system's own. */
function entries(value: Extract<Shown, { kind: "set" }>): [string, Shown][] {
  return Object.entries(value.items).filter(([name]) => !/^_(module|args|type)$/.test(name));
}

function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
