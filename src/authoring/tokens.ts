/**
 * References inside strings. JavaScript can only put text into a string, so a reference leaves a token there: its number and
 * two check digits between two code points that Unicode sets aside as never being characters. Digits survive a change of case.
 */
import { captureForLater, type Origin } from "./origin.ts";
import { problem } from "./problem.ts";
import { registry } from "./registry.ts";

const open = "\uFDD0";
const close = "\uFDD1";
const whole = /\uFDD0(\d+)\uFDD1/g;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
/** What is left of a token after `encodeURIComponent`, in either case. */
const encoded = /%ef%b7%9[01]/i;

/** Most text has nothing in it that must be looked at. */
const suspicious = /[\uFDD0\uFDD1\0\uD800-\uDFFF]|%ef%b7%9[01]/i;

/** The text that stands for `value` until the module is printed. */
export function makeToken(value: unknown, callee: (...args: never[]) => unknown): string {
  const store = registry();
  const id = store.nextToken++;
  store.tokens.set(id, { value, origin: captureForLater(callee) });
  return `${open}${id}${checkDigits(id)}${close}`;
}

export type TextPart = string | { readonly value: unknown; readonly origin: Origin };

/** Text with its tokens taken apart; `whereIs` names its place in messages. Throws SynthError for a token that was cut, changed or is not known. */
export function splitTokens(text: string, whereIs: () => string, origin: Origin | undefined): TextPart[] {
  if (!suspicious.test(text)) return text === "" ? [] : [text];
  const where = whereIs();
  const parts: TextPart[] = [];
  let done = 0;
  for (const found of text.matchAll(whole)) {
    parts.push(literal(text.slice(done, found.index), where, origin), lookUp(found[1] ?? "", where, origin));
    done = found.index + found[0].length;
  }
  parts.push(literal(text.slice(done), where, origin));
  return parts.filter((part) => part !== "");
}

/** Whether text holds a reference. */
export function holdsToken(text: string): boolean {
  return text.includes(open);
}

// --- internal ---

function checkDigits(id: number): string {
  return String((id * 31 + 17) % 97).padStart(2, "0");
}

function lookUp(digits: string, where: string, origin: Origin | undefined): TextPart {
  const id = Number(digits.slice(0, -2));
  const token = digits.slice(-2) === checkDigits(id) ? registry().tokens.get(id) : undefined;
  if (token === undefined) throw damaged(where, nearestOrigin(digits) ?? origin);
  return token;
}

function literal(text: string, where: string, origin: Origin | undefined): string {
  if (text.includes(open) || text.includes(close) || encoded.test(text)) {
    throw damaged(where, nearestOrigin(/\uFDD0(\d+)/.exec(text)?.[1] ?? /(\d+)\uFDD1/.exec(text)?.[1] ?? "") ?? origin);
  }
  if (text.includes("\u0000")) throw problem(`${where} holds a NUL character, which Nix cannot`, origin);
  if (loneSurrogate.test(text)) throw problem(`${where} holds half of a character (a lone surrogate)`, origin);
  return text;
}

/** The token a damaged one was most likely made from. */
function nearestOrigin(digits: string): Origin | undefined {
  const { tokens } = registry();
  return (tokens.get(Number(digits.slice(0, -2))) ?? tokens.get(Number(digits)))?.origin;
}

function damaged(where: string, origin: Origin | undefined): Error {
  return problem(
    `${where} holds a damaged reference`,
    origin,
    "A reference in a string stands for text that only Nix knows; it cannot be cut, searched or encoded in TypeScript. Use lib.strings functions, or the nix tag",
  );
}
