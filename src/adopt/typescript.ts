/** Plain data as TypeScript that a person would write: keys without quotes where they need none. */

/** Code that stands where a value would: `nix.path("./seed.yaml")`. */
export interface Code {
  readonly code: string;
}

export type Printable =
  | string
  | number
  | boolean
  | Code
  | readonly Printable[]
  | { readonly [key: string]: Printable | undefined };

const widest = 100;

/** `indent` is the depth of the line that it begins on; `blocks` outer levels have a line for each key. Values that are undefined are left out. */
export function printTypeScript(value: Printable, indent = 0, blocks = 0): string {
  if (isCode(value)) return value.code;
  if (typeof value !== "object") return JSON.stringify(value);
  const pad = "  ".repeat(indent + 1);
  const items = Array.isArray(value)
    ? (value as readonly Printable[]).map((item) => printTypeScript(item, indent + 1, blocks - 1))
    : Object.entries(value as Readonly<Record<string, Printable | undefined>>)
        .filter((entry): entry is [string, Printable] => entry[1] !== undefined)
        .map(([key, item]) => `${printKey(key)}: ${printTypeScript(item, indent + 1, blocks - 1)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{ ", " }"];
  if (items.length === 0) return Array.isArray(value) ? "[]" : "{}";
  const line = `${open}${items.join(", ")}${close}`;
  if (
    blocks <= 0 &&
    line.length + pad.length <= widest &&
    !line.includes("\n") &&
    (Array.isArray(value) || items.length <= 4)
  )
    return line;
  return `${open.trim()}\n${items.map((item) => `${pad}${item},\n`).join("")}${"  ".repeat(indent)}${close.trim()}`;
}

// --- internal ---

function isCode(value: Printable): value is Code {
  return (
    typeof value === "object" &&
    !Array.isArray(value) &&
    typeof (value as Code).code === "string" &&
    Object.keys(value).length === 1
  );
}

function printKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
