import type { Field } from "./field.ts";

/** Text, a number, true or false: what Incus keeps as text. */
export function readScalar(field: Field): string {
  const { value } = field;
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  field.must("be text, a number, true or false");
  return "";
}

/** A size as Incus writes it: `20GiB`, `500MB`. */
export function readSize(field: Field): string {
  return field.textLike((text) => /^\d+(?:[kMGTPE]i?)?B?$/.test(text), 'be a size with its unit such as "20GiB"');
}

/** An absolute path on the server. */
export function isAbsolute(path: string): boolean {
  return path.startsWith("/") && !path.includes("\0");
}
