/**
 * What `--json` writes: one document a line. `version` counts up when a field changes its meaning or goes; fields may be added.
 * Verbs that change the world write every event as `{"kind":"event"}` first and their result last; the others only a result.
 * An error is a document too, always the last.
 */
import { FloeError } from "../../errors.ts";
import type { FloeEvent } from "../../report/events.ts";

export interface Document {
  readonly version: 1;
  readonly kind: string;
  readonly [field: string]: unknown;
}

export function document(kind: string, fields: object): Document {
  return { version: 1, kind, ...fields };
}

export function eventDocument(event: FloeEvent): Document {
  return document("event", { event });
}

export function errorDocument(error: unknown): Document {
  if (!(error instanceof FloeError)) {
    return document("error", {
      code: "BUG",
      exitCode: 1,
      message: error instanceof Error ? error.message : String(error),
    });
  }
  const { code, exitCode, message, hint, at, details } = error;
  return document("error", {
    code,
    exitCode,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(at === undefined ? {} : { at }),
    details,
  });
}

export function toJsonLine(value: Document): string {
  return `${JSON.stringify(value)}\n`;
}
