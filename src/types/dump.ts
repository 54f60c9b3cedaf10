/** The options of a machine as data: what `optionsNix` prints, with places resolved and sources named as people know them. */

/** A set of options, an option, or what could not be read. */
export type OptionNode = OptionSet | OptionEntry | OptionHole;

export interface OptionSet {
  readonly options: Readonly<Record<string, OptionNode>>;
}

/** One option. */
export interface OptionEntry {
  readonly type: TypeNode;
  readonly description?: string;
  /** Nix text: the declaration's `defaultText`, else a literal that was found at `default` in the source. */
  readonly default?: string;
  /** The declaring file: relative to its flake where it is known, such as `nixos/modules/services/networking/ssh/sshd.nix`. */
  readonly declared?: string;
  /** The declaration's line; known for newer releases of nixpkgs. */
  readonly line?: number;
  /** True when a configuration may leave it out. */
  readonly hasDefault?: boolean;
  readonly readOnly?: boolean;
  readonly internal?: boolean;
  /** Kept out of the manual by `visible = false`. */
  readonly hidden?: boolean;
}

/** A part of the tree that does not evaluate; everything is taken there. */
export interface OptionHole {
  readonly hole: string;
}

/**
 * A NixOS type, under the name it has there: `bool`, `listOf`, `unsignedInt16`. Modules make types of their own, so any name may come.
 * Which of the other fields there are depends on it.
 */
export interface TypeNode {
  readonly kind: string;
  /** The type in words, for types without inner ones. */
  readonly description?: string;
  /** What is inside `listOf`, `attrsOf`, `nullOr`, `functionTo`, ...; what `coercedTo` makes. */
  readonly elem?: TypeNode;
  /** What `coercedTo` takes besides; releases before 2021 do not say. */
  readonly from?: TypeNode;
  /** The alternatives of `either`. */
  readonly left?: TypeNode;
  readonly right?: TypeNode;
  /** The values of an `enum`; null when they cannot be read. */
  readonly values?: readonly unknown[] | null;
  /** A POSIX extended regular expression for the whole text. */
  readonly pattern?: string;
  readonly separator?: string | null;
  /** The options of a `submodule`. */
  readonly options?: Readonly<Record<string, OptionNode>>;
  /** The type of a submodule's undeclared attributes. */
  readonly freeform?: TypeNode;
  /** A submodule takes undeclared attributes, of a type that is not known. */
  readonly open?: boolean;
  /** A submodule's definition may be a module with `imports`. */
  readonly isModule?: boolean;
  /** The choices of `attrTag`. */
  readonly tags?: Readonly<Record<string, OptionNode>>;
  /** `listOf`: at least one element. */
  readonly nonEmpty?: boolean;
  /** `path`: need not begin with a slash. */
  readonly relative?: boolean;
  /** What is inside is not described here. */
  readonly cut?: boolean;
  /** Kind `up`: the same type as the one this many types further out, 1 being the nearest around it. */
  readonly up?: number;
}

/** The attribute names of `pkgs`, and of some sets in it. */
export interface PackageNames {
  readonly names: readonly string[];
  readonly sets: Readonly<Record<string, readonly string[]>>;
}

/** Everything `floe types` learned: kept in `.floe/cache`, where the verbs that look up options read it. */
export interface OptionDump {
  readonly version: 2;
  /** The hash of flake.lock when they were read; empty without one. */
  readonly lock: string;
  /** Of all hosts and containers together. */
  readonly options: Readonly<Record<string, OptionNode>>;
  /** Of all homes without a host together; empty where there are none. */
  readonly homes: Readonly<Record<string, OptionNode>>;
  readonly packages: PackageNames;
}

export function isOption(node: OptionNode): node is OptionEntry {
  return "type" in node;
}

export function isHole(node: OptionNode): node is OptionHole {
  return "hole" in node;
}

/** The children that a definition can name below an option of this type: `<name>` and `*` stand for any. */
export interface Located {
  readonly path: readonly string[];
  readonly option: OptionEntry;
}

/** Every option, those in submodules included, in the order of their names. */
export function* listOptions(
  options: Readonly<Record<string, OptionNode>>,
  above: readonly string[] = [],
): Generator<Located> {
  for (const [name, node] of Object.entries(options)) {
    const path = [...above, name];
    if (isOption(node)) {
      yield { path, option: node };
      yield* listInside(node.type, path);
    } else if (!isHole(node)) yield* listOptions(node.options, path);
  }
}

/** Paths that could not be read, with the reason. */
export function* listHoles(
  options: Readonly<Record<string, OptionNode>>,
  above: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly reason: string }> {
  for (const [name, node] of Object.entries(options)) {
    const path = [...above, name];
    if (isHole(node)) yield { path, reason: node.hole };
    else if (isOption(node))
      for (const inner of setsInside(node.type, path)) yield* listHoles(inner.options, inner.path);
    else yield* listHoles(node.options, path);
  }
}

// --- internal ---

function* listInside(type: TypeNode, path: readonly string[]): Generator<Located> {
  for (const inner of setsInside(type, path)) yield* listOptions(inner.options, inner.path);
}

function* setsInside(
  type: TypeNode,
  path: readonly string[],
): Generator<{ readonly options: Readonly<Record<string, OptionNode>>; readonly path: readonly string[] }> {
  const options = type.options ?? type.tags;
  if (options !== undefined) yield { options, path };
  const step = stepInto(type.kind);
  for (const inner of [type.elem, type.left, type.right, type.from])
    if (inner !== undefined) yield* setsInside(inner, [...path, ...step]);
}

/** How a path goes on inside a type: as NixOS's own manual writes it. */
export function stepInto(kind: string): readonly string[] {
  if (kind === "attrsOf" || kind === "lazyAttrsOf" || kind === "loaOf") return ["<name>"];
  if (kind === "listOf") return ["*"];
  return kind === "functionTo" ? ["<function body>"] : [];
}
