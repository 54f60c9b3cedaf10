/** The errors floe ends with. Each says what failed, where, and what to do; the exit code is part of the interface. */

/** A place in a file the user wrote. `file` is relative to the project, lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface FloeErrorOptions {
  /** What the user can do about it: a sentence or a command. */
  readonly hint?: string | undefined;
  readonly at?: SourcePosition | undefined;
  /** JSON-safe facts for `--json`. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** The base of every expected failure. Anything else that is thrown is a bug in floe. */
export class FloeError extends Error {
  readonly code: string = "FLOE";
  readonly exitCode: number = 1;
  readonly hint: string | undefined;
  readonly at: SourcePosition | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: FloeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
    this.at = options.at;
    this.details = options.details ?? {};
  }
}

/** A flag or argument that cannot be right. */
export class UsageError extends FloeError {
  override readonly code: string = "USAGE";
  override readonly exitCode: number = 2;
}

/** The project's TypeScript does not load, or what it describes is not valid. */
export class ConfigError extends FloeError {
  override readonly code: string = "CONFIG";
  override readonly exitCode: number = 2;
}

/** What the TypeScript describes cannot be written as Nix. */
export class SynthError extends FloeError {
  override readonly code: string = "SYNTH";
  override readonly exitCode: number = 2;
}

/** A program floe started ended badly. */
export class ExecError extends FloeError {
  override readonly code: string = "EXEC";
}

/** `nix` failed. `details` holds `phase` (eval, build, copy, lock), `argv`, `exitCode` and the tail of stderr. */
export class NixError extends ExecError {
  override readonly code: string = "NIX";
}

/** A program or service that floe needs is missing on this machine or may not be used. */
export class MissingError extends FloeError {
  override readonly code: string = "MISSING";
}

/** The Incus API answered with an error, or could not be reached. `details` holds `status`, `method`, `path`. */
export class IncusError extends FloeError {
  override readonly code: string = "INCUS";
  /** The HTTP-like status of the answer (404, 409, 412, ...); 0 when there was no answer. */
  readonly status: number;
  constructor(message: string, options: FloeErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.status = options.status ?? 0;
  }
}

/** A machine cannot be reached, or a connection to it ended too early. `details` holds `where`, and `hop` when a jump host is meant. */
export class ConnectionError extends FloeError {
  override readonly code: string = "CONNECTION";
}

/** floe's own files under `.floe/` cannot be read or written. */
export class StateError extends FloeError {
  override readonly code: string = "STATE";
}

/** Another floe holds the lock. */
export class LockedError extends FloeError {
  override readonly code: string = "LOCKED";
}

/** The world changed after the plan was made. */
export class PlanStaleError extends FloeError {
  override readonly code: string = "PLAN_STALE";
}

/** Some steps of an apply failed; each was undone, and what ran before runs again. */
export class ApplyError extends FloeError {
  override readonly code: string = "APPLY";
  override readonly exitCode: number = 4;
}

/** An undo failed: the message holds what is left and the commands that recover it. */
export class RollbackError extends FloeError {
  override readonly code: string = "ROLLBACK";
  override readonly exitCode: number = 5;
}

/** The user or a signal stopped the run. */
export class CancelledError extends FloeError {
  override readonly code: string = "CANCELLED";
  override readonly exitCode: number = 130;
}
