/** What Nix said about the fleet: every derivation by name, or why there is none. */

/** A derivation and its default output. Both are absolute store paths. */
export interface Derivation {
  readonly drvPath: string;
  readonly outPath: string;
}

/** The derivations of a container. */
export interface ImageDerivations {
  readonly rootfs: Derivation;
  readonly metadata: Derivation;
  /** Only for a container with instances that are updated in place. */
  readonly inPlace?: InPlaceDerivations;
}

/** What an instance is made of whose `/nix/store` is its server's. */
export interface InPlaceDerivations {
  /** Its root file system: a few links and folders. */
  readonly root: Derivation;
  /** The system itself. */
  readonly toplevel: Derivation;
}

export type Evaluated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: EvaluationError };

/** Why one host, image, home or shell does not evaluate; the others are not affected. */
export interface EvaluationError {
  /** What is wrong, in one sentence where that can be; else nix's message without colours and without `error:`. */
  readonly message: string;
  /** The file the message names: TypeScript where `_file` says so, else Nix; relative to the project. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly hint?: string;
  /** Further places that belong to it, such as the other definition of a conflict. */
  readonly related?: readonly RelatedPlace[];
  /** What else is wrong with it, which Nix would only say when this is mended; where that was asked for. */
  readonly further?: readonly EvaluationError[];
  /** Everything Nix printed. */
  readonly log: string;
  /** What nix's message means, and where nix was. Absent once it has been explained, and for what is no error of a configuration. */
  readonly cause?: EvaluationCause;
}

/** A place that an error also has to do with. */
export interface RelatedPlace {
  /** What stands there: `"UTC"`. */
  readonly text: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** The names of an option: `["services", "openssh", "enable"]`. Elements of a list are `[definition 1-entry 2]`. */
export type OptionPath = readonly string[];

/** A definition as nix's message tells it. */
export interface ToldDefinition {
  readonly file: string;
  /** As Nix writes it; old releases do not tell it. */
  readonly value?: string;
}

/** The meaning of a message of the module system or of Nix. */
export type EvaluationMeaning =
  | {
      readonly kind: "wrong-type";
      readonly option: OptionPath;
      readonly wanted: string;
      readonly definitions: readonly ToldDefinition[];
    }
  | {
      readonly kind: "unknown-option";
      readonly option: OptionPath;
      readonly definitions: readonly ToldDefinition[];
      readonly meant?: string;
    }
  /** `rule`: definitions that must be equal, an option that takes one only, or one that may only be set where it is declared. */
  | {
      readonly kind: "conflict";
      readonly rule: "equal" | "unique" | "read-only";
      readonly option: OptionPath;
      readonly definitions: readonly ToldDefinition[];
    }
  | { readonly kind: "no-value"; readonly option: OptionPath }
  /** A value where a group of options was expected. */
  | { readonly kind: "not-a-group"; readonly option?: OptionPath; readonly found: string }
  | { readonly kind: "assertions"; readonly messages: readonly string[] }
  | { readonly kind: "missing-attribute"; readonly name: string; readonly meant: readonly string[] }
  /** `module`: the file whose function asks for it. */
  | { readonly kind: "missing-argument"; readonly name: string; readonly module?: string }
  | { readonly kind: "recursion" }
  | { readonly kind: "other" };

export interface EvaluationCause {
  readonly meaning: EvaluationMeaning;
  /** The options that were being evaluated, the innermost first. */
  readonly options: readonly OptionPath[];
  /** Where nix was, in files of the project, the innermost first. */
  readonly steps: readonly { readonly file: string; readonly line?: number; readonly column?: number }[];
}

/** The whole fleet, evaluated. Keys are the names of the fleet's hosts, containers, homes and shells. */
export interface Evaluation {
  readonly hosts: Readonly<Record<string, Evaluated<Derivation>>>;
  readonly images: Readonly<Record<string, Evaluated<ImageDerivations>>>;
  readonly shells: Readonly<Record<string, Evaluated<Derivation>>>;
  /** Absent where none was asked for. */
  readonly homes?: Readonly<Record<string, Evaluated<Derivation>>>;
}

/** Every part of an evaluation. */
export function partsOf({ hosts, images, homes = {}, shells }: Evaluation): Evaluated<unknown>[] {
  return [hosts, images, homes, shells].flatMap((group) => Object.values<Evaluated<unknown>>(group));
}
