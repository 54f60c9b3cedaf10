/** The bounds of number types, which nixpkgs says only in words. */
import type { TypeNode } from "./dump.ts";

/** Both inclusive, but for what `isOpen` names. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The minimum itself does not fit: "positive". For whole numbers the minimum is raised instead. */
  readonly isOpen?: boolean;
}

/** The range of an integer or number type; undefined where everything fits, and for other types. */
export function rangeOf({ kind, description = "" }: TypeNode): Range | undefined {
  if (!isNumberKind(kind)) return undefined;
  const [, min, max] = /between (-?[\d.]+) and (-?[\d.]+) \(both inclusive\)/.exec(description) ?? [];
  if (min !== undefined && max !== undefined) return { min: Number(min), max: Number(max) };
  if (/meaning >=\s*0/.test(description)) return { min: 0 };
  if (/meaning >\s*0/.test(description)) return isIntegerKind(kind) ? { min: 1 } : { min: 0, isOpen: true };
  return undefined;
}

export function isIntegerKind(kind: string): boolean {
  return kind === "int" || kind === "intBetween" || kind === "positiveInt" || /^(un)?signedInt\d*$/.test(kind);
}

export function isNumberKind(kind: string): boolean {
  return isIntegerKind(kind) || kind === "float" || kind === "number" || /^number[A-Z]/.test(kind);
}

/** `0 to 65535`, `at least 1`. */
export function describeRange({ min, max, isOpen }: Range): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (isOpen === true) return `more than ${min}`;
  return min !== undefined ? `at least ${min}` : `at most ${max}`;
}
