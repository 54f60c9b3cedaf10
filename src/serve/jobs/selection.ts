/** What a browser sent, checked: nothing of it is believed. */
import { type Fleet, instancesOf } from "../../model/fleet.ts";
import { instanceAddress } from "../../plan/labels.ts";
import { isRecord } from "../../util/files.ts";
import { badRequest, notFound } from "../refused.ts";

/** The keys of a body, which must be an object with no others than these. @throws RefusedError 400 */
export function fieldsOf(body: unknown, ...allowed: readonly string[]): Readonly<Record<string, unknown>> {
  const value = body ?? {};
  if (!isRecord(value)) throw badRequest("The body must be an object");
  const unknown = Object.keys(value).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw badRequest(`The body has an unknown field "${unknown.slice(0, 50)}"`);
  return value;
}

/** Default: false. @throws RefusedError 400 */
export function flagOf(fields: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value !== "boolean") throw badRequest(`The field "${name}" must be true or false`);
  return value;
}

/** @throws RefusedError 400 */
export function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== "string" || value.length > 1000) throw badRequest(`The field "${name}" must be text`);
  return value;
}

/** A whole number above 0, or undefined. @throws RefusedError 400 */
export function numberOf(fields: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw badRequest(`The field "${name}" must be a whole number above 0`);
  return value as number;
}

/** A list of text, or null where that is allowed. @throws RefusedError 400 */
export function textsOf(fields: Readonly<Record<string, unknown>>, name: string): readonly string[] | null {
  const value = fields[name] ?? null;
  if (value === null) return null;
  const isList = Array.isArray(value) && value.length <= 5000 && value.every((each) => typeof each === "string");
  if (!isList) throw badRequest(`The field "${name}" must be a list of text`);
  return value as string[];
}

/** Addresses of the fleet's instances. @throws RefusedError 404 for one that is none */
export function addressesIn(fleet: Fleet, addresses: readonly string[]): readonly string[] {
  const known = instancesOf(fleet).map(instanceAddress);
  const wrong = addresses.find((address) => !known.includes(address));
  if (wrong !== undefined) throw notFound("instance", wrong, known);
  return [...new Set(addresses)];
}

/** For the title of a job: all of a few, or how many. */
export function few(names: readonly string[], what: string): string {
  return names.length > 3 ? `${names.length} ${what}` : names.join(", ");
}

/** The last part of an address. */
export function nameOf(address: string): string {
  return address.slice(address.lastIndexOf("/") + 1).replace(/^host:/, "");
}
