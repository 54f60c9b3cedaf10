/** What a browser sent, checked: nothing of it is believed. */
import type { RestoreRequest, SnapshotRequest, TrustRequest } from "../protocol.ts";
import { badRequest } from "../refused.ts";

/** @throws RefusedError 400 */
export function readSnapshotRequest(body: unknown): SnapshotRequest {
  return { name: snapshotName(text(fields(body), "name")) };
}

/** @throws RefusedError 400, also when the name was not confirmed */
export function readRestoreRequest(body: unknown, snapshot: string): RestoreRequest {
  const given = fields(body);
  const confirm = text(given, "confirm");
  if (confirm !== snapshot)
    throw badRequest(
      `Going back to the snapshot "${snapshot}" was not confirmed`,
      'Send its name as "confirm": what is in the root disk since then is lost',
    );
  return given["saveAs"] === undefined ? { confirm } : { confirm, saveAs: snapshotName(text(given, "saveAs")) };
}

/** @throws RefusedError 400 */
export function readTrustRequest(body: unknown): TrustRequest {
  const given = fields(body);
  const { url } = given;
  const request = { name: text(given, "name"), token: text(given, "token") };
  return url === undefined || url === "" ? request : { ...request, url: text(given, "url") };
}

/** A number of the query. @throws RefusedError 400 */
export function readNumber(query: URLSearchParams, name: string): number {
  const given = query.get(name) ?? "";
  if (!/^\d{1,9}$/.test(given)) throw badRequest(`"${name}" must be a number`);
  return Number(given);
}

/** Lines of a log that were said before: 200 where nothing is asked for, 2000 at most. */
export function readLines(query: URLSearchParams): number {
  const given = query.get("lines");
  if (given === null) return 200;
  return Math.min(2000, Math.max(1, readNumber(query, "lines")));
}

// --- internal ---

function fields(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw badRequest("The body must be an object");
  return body as Readonly<Record<string, unknown>>;
}

function text(given: Readonly<Record<string, unknown>>, name: string): string {
  const value = given[name];
  if (typeof value !== "string" || value === "" || value.length > 16_384) throw badRequest(`"${name}" must be a text`);
  return value;
}

/** As Incus takes them, and as they can be part of a path. */
function snapshotName(name: string): string {
  if (!/^[A-Za-z0-9][\w.-]{0,62}$/.test(name))
    throw badRequest(`"${name.slice(0, 100)}" is no name for a snapshot`, "Letters, digits and . _ - are, up to 63");
  return name;
}
