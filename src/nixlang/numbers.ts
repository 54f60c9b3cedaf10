/** Numbers as Nix reads them: 64-bit integers, and doubles that always show a point. */
import { SynthError } from "../errors.ts";

const smallestInt = -(2n ** 63n);
const largestInt = 2n ** 63n - 1n;
/** Nix refuses a literal that strtod reports as out of range, and that includes denormal numbers. */
const smallestNormal = 2.2250738585072014e-308;

/** Throws SynthError outside the range of int64. */
export function printInt(value: number | bigint): string {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new SynthError(`Cannot write ${value} as a Nix integer: it is not exact`, {
      hint: "Write a bigint such as 123n, or nix.float(...)",
    });
  }
  const exact = BigInt(value);
  if (exact < smallestInt || exact > largestInt) {
    throw new SynthError(`Cannot write ${exact} as a Nix integer: it does not fit in 64 bits`);
  }
  // The minus is an operator in Nix, and its operand alone would overflow.
  return exact === smallestInt ? "-9223372036854775807 - 1" : exact.toString();
}

/** Throws SynthError for NaN, infinities and denormal numbers. */
export function printFloat(value: number): string {
  if (!Number.isFinite(value)) throw new SynthError(`Cannot write ${value} in Nix: it has no such number`);
  if (value !== 0 && Math.abs(value) < smallestNormal)
    throw new SynthError(`Cannot write ${value} in Nix: it is too close to zero`);
  const [mantissa = "0", exponent] = String(value).split("e");
  const point = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? point : `${point}e${exponent.replace("+", "")}`;
}
