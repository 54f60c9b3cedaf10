/** Formatters and linters of a fleet. */

/** A program that formats files in place, or says what is wrong with them. The files are put behind its words. */
export interface Tool {
  /** What the user calls it: a preset's name, or the program's. */
  readonly name: string;
  readonly program: string;
  /** Words with which it changes files; absent: it only looks. */
  readonly fix?: readonly string[];
  /** Words with which it only looks: an exit code other than 0 means that something is wrong. Absent: a copy is changed and compared. */
  readonly check?: readonly string[];
  /** A pattern of a line that it prints when something is wrong, though it ends with 0; absent: its exit code tells. */
  readonly failure?: string;
  /**
   * How a formatter that only looks tells a file that it would change from one that it cannot read: by this exit code, or by a line of this pattern.
   * Absent: by exit code 1.
   */
  readonly unformatted?: number | string;
  /** The attribute of nixpkgs that has it; absent: only the PATH has it. */
  readonly package?: string;
  /** Takes one file at a time. */
  readonly isForOne: boolean;
  /** Names of files that it reads its settings from, wherever they are in the project. */
  readonly settings: readonly string[];
  /** A sentence: how one gets it where Nix does not. */
  readonly hint: string;
}

/** Which files it is for. */
export interface ToolRule {
  /** A glob: without a slash it fits the name in any folder. */
  readonly pattern: string;
  /** In this order. */
  readonly tools: readonly Tool[];
}

export interface Tooling {
  readonly format: readonly ToolRule[];
  readonly lint: readonly ToolRule[];
  /** Globs of files that are left alone. */
  readonly exclude: readonly string[];
}
