/** What the server answers instead of doing it. */
import { FloeError, type FloeErrorOptions } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import type { Refusal } from "./protocol.ts";

/** An answer that is not 2xx. Any other `FloeError` that a handler throws gets a status by its code. */
export class RefusedError extends FloeError {
  override readonly code: string;
  /** Of HTTP. */
  readonly status: number;
  constructor(status: number, code: string, message: string, options: FloeErrorOptions = {}) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** There is no such instance, host, job, ...; the nearest of those there are is suggested. */
export function notFound(what: string, name: string, known: readonly string[] = []): RefusedError {
  const near = nearest(name, known);
  return new RefusedError(404, "NOT_FOUND", `There is no ${what} "${name.slice(0, 100)}"`, {
    hint: near === undefined ? undefined : `Did you mean "${near}"?`,
  });
}

/** What was sent cannot be right. */
export function badRequest(message: string, hint?: string): RefusedError {
  return new RefusedError(400, "BAD_REQUEST", message, { hint });
}

export function statusOf(error: unknown): number {
  if (error instanceof RefusedError) return error.status;
  return error instanceof FloeError ? (statusByCode[error.code] ?? 500) : 500;
}

/** For the browser. What is a bug of floe's says nothing of its inside. */
export function toRefusal(error: unknown): Refusal {
  if (isReplaced(error))
    return {
      code: "REPLACED",
      message: "floe was replaced by another version while this dashboard ran",
      hint: "Restart floe serve",
    };
  if (!(error instanceof FloeError))
    return { code: "BUG", message: "Something went wrong inside floe: its log says what" };
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

// --- internal ---

const statusByCode: Readonly<Record<string, number>> = {
  /** What cannot be had as things are: a host that is reached only from itself, for example. */
  FLOE: 422,
  USAGE: 400,
  CONFIG: 422,
  SYNTH: 422,
  LOCKED: 409,
  PLAN_STALE: 409,
  MISSING: 503,
  INCUS: 502,
  CONNECTION: 502,
  CANCELLED: 503,
};

/** Parts of floe are loaded when they are first needed; after an update they are not there any more. */
function isReplaced(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ERR_MODULE_NOT_FOUND";
}
