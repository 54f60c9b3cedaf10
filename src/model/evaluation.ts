/** What Nix said about the fleet: every derivation by name, or why there is none. */

/** A derivation and its default output. Both are absolute store paths. */
export interface Derivation {
  readonly drvPath: string;
  readonly outPath: string;
}

/** The two derivations of a container image. */
export interface ImageDerivations {
  readonly rootfs: Derivation;
  readonly metadata: Derivation;
}

export type Evaluated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: EvaluationError };

/** Why one host, image or shell does not evaluate; the others are not affected. */
export interface EvaluationError {
  /** Nix's message without colours and without `error:`. */
  readonly message: string;
  /** The file the message names: TypeScript where `_file` says so, else Nix; relative to the project. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Everything Nix printed. */
  readonly log: string;
}

/** The whole fleet, evaluated. Keys are the names of the fleet's hosts, containers and shells. */
export interface Evaluation {
  readonly hosts: Readonly<Record<string, Evaluated<Derivation>>>;
  readonly images: Readonly<Record<string, Evaluated<ImageDerivations>>>;
  readonly shells: Readonly<Record<string, Evaluated<Derivation>>>;
}
