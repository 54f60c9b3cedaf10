/** From what the users' functions return to Nix trees: runs a definition's body on recorded references. */
import { SynthError } from "../errors.ts";
import type { NixModule, NixValueTree } from "../model/nix-module.ts";
import type { NixBinding, NixEntry, NixExpr } from "../nixlang/tree.ts";
import { usedNames } from "../nixlang/used-names.ts";
import { convert, type Here, inAttribute, namedVariables, refusal } from "./convert.ts";
import type {
  CallSite,
  ContainerDefinition,
  HostDefinition,
  ModuleDefinition,
  ShellsDefinition,
} from "./definitions.ts";
import { type Origin, originSite, positionOf } from "./origin.ts";
import { folderOf, isInside, normalise, relativePath, relativeTo } from "./paths.ts";
import { problem } from "./problem.ts";
import type { Variable } from "./recorded.ts";
import { argumentsObject, recordedOf } from "./reference.ts";
import { registry } from "./registry.ts";
import { moduleArgumentNames, Scope } from "./scope.ts";

/** What the recorder has to know about the project; it reads no files itself. */
export interface RecordContext {
  /** The project's folder, absolute. */
  readonly root: string;
  /** The file that will be written, relative to `root`: `nix/hosts/crown.nix`. */
  readonly outputFile: string;
  /** The output file of a module that is imported, relative to `root`: `nix/modules/web.nix`. */
  readonly moduleFile: (definition: ModuleDefinition) => string;
  /** Whether a file or folder exists; the path is absolute. */
  readonly exists: (path: string) => boolean;
  /** Imports put before the user's own, such as `lxcContainerImport`. */
  readonly extraImports?: readonly NixExpr[];
}

/** `(modulesPath + "/virtualisation/lxc-container.nix")`: what makes a NixOS module a container image. */
export const lxcContainerImport: NixExpr = {
  kind: "binary",
  operator: "+",
  left: { kind: "identifier", name: "modulesPath" },
  right: { kind: "string", parts: ["/virtualisation/lxc-container.nix"] },
};

/** The body of a host, container or module as one Nix file. Throws SynthError, with the TypeScript place, for what cannot be Nix. */
export function toNixModule(
  definition: HostDefinition | ContainerDefinition | ModuleDefinition,
  context: RecordContext,
): NixModule {
  return recording(definition.source, context.root, () => {
    const names = new Map<string, Variable>();
    const here = top(definition.source, context, names);
    const { body } = definition;
    const value: unknown = typeof body === "function" ? body(argumentsObject(namedVariables(names)) as never) : body;
    const recorded = recordBody(value, here);
    const source = relativeTo(context.root, definition.source.file);
    const entries = moduleEntries(recorded, source, context.extraImports ?? []);
    const content: NixExpr = { kind: "attrs", entries };
    return { source: { ...definition.source, file: source }, file: context.outputFile, expr: withHead(content, names) };
  });
}

/** The dev shells by name: the argument of `mkShell`, in which `pkgs` and `lib` are free. */
export function recordShells(
  definition: ShellsDefinition,
  context: Pick<RecordContext, "root" | "outputFile" | "exists">,
): Readonly<Record<string, NixValueTree>> {
  return recording(definition.source, context.root, () => {
    const names = new Map<string, Variable>();
    const here = top(definition.source, context, names);
    const shells: unknown = definition.body(argumentsObject(namedVariables(names)) as never);
    if (!isPlainObject(shells))
      throw problem(
        "The function returns no dev shells",
        here.origin,
        "Return them by name: shells(({ pkgs }) => ({ default: { packages: [pkgs.jq] } }))",
      );
    const trees = Object.entries(shells).map(
      ([name, value]) => [name, convert(value, { ...inAttribute(here, name), option: undefined })] as const,
    );
    const unknown = [...names.keys()].find((name) => name !== "pkgs" && name !== "lib");
    if (unknown !== undefined)
      throw problem(
        `The dev shells ask for "${unknown}", which they are not given`,
        here.origin,
        "They are given pkgs and lib",
      );
    return Object.fromEntries(trees);
  });
}

// --- internal ---

/** Runs `record` with places shown relative to the project, and gives every failure of the user's code a place. */
function recording<T>(source: CallSite, root: string, record: () => T): T {
  const store = registry();
  const outer = store.root;
  store.root = root;
  try {
    return record();
  } catch (error) {
    throw isExpected(error) ? error : failure(error, source, root);
  } finally {
    store.root = outer;
  }
}

/** An error of floe, also when it comes from another copy of this code. */
function isExpected(error: unknown): boolean {
  return error instanceof Error && typeof (error as { readonly exitCode?: unknown }).exitCode === "number";
}

function failure(error: unknown, source: CallSite, root: string): SynthError {
  const site =
    error instanceof Error && error.stack !== undefined
      ? originSite({ stack: error.stack.split("\n").slice(1).join("\n") })
      : undefined;
  const inProject =
    site !== undefined && isInside(root, site.file) && !site.file.includes("/node_modules/") ? site : source;
  return new SynthError(`The module's function failed: ${error instanceof Error ? error.message : String(error)}`, {
    at: positionOf(inProject, root),
    cause: error,
  });
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function top(
  source: CallSite,
  context: Pick<RecordContext, "root" | "outputFile" | "exists"> & Partial<RecordContext>,
  names: Map<string, Variable>,
): Here {
  const folder = folderOf(normalise(`${context.root}/${context.outputFile}`));
  return {
    scope: new Scope(names),
    path: [],
    option: [],
    above: [],
    origin: originOf(source),
    given: names,
    modulePath: (made, refuse) => {
      if (context.moduleFile === undefined) throw refuse("holds a module", "Dev shells import no modules");
      return { kind: "path", text: relativePath(folder, `${context.root}/${context.moduleFile(made)}`) };
    },
    userPath: (text, file, refuse) => userPath(normalise(`${folderOf(file)}/${text}`), text, folder, context, refuse),
  };
}

function originOf({ file, line, column }: CallSite): Origin {
  return { stack: `at ${file}:${line}:${column}` };
}

function userPath(
  target: string,
  text: string,
  folder: string,
  context: Pick<RecordContext, "root" | "exists">,
  refuse: (message: string, hint?: string) => Error,
): NixExpr {
  if (!isInside(normalise(context.root), target))
    throw refuse(
      `refers to the path "${text}", which leaves the project`,
      "Nix reads only the project's own files; copy or link it into the project",
    );
  if (!context.exists(target))
    throw refuse(
      `refers to the path "${text}", which does not exist`,
      `Looked for "${relativeTo(normalise(context.root), target)}"; paths are relative to the file they are written in`,
    );
  const relative = relativePath(folder, target);
  if (/^[\w.+/-]+$/.test(relative)) return { kind: "path", text: relative };
  return {
    kind: "binary",
    operator: "+",
    left: { kind: "path", text: "./." },
    right: { kind: "string", parts: [`/${relative.replace(/^\.\//, "")}`] },
  };
}

function recordBody(value: unknown, here: Here): NixExpr {
  if (recordedOf(value) === undefined && !isPlainObject(value))
    throw refusal(here, "is no attribute set", "Return one: ({ pkgs }) => ({ ... })");
  return convert(value, here);
}

function moduleEntries(body: NixExpr, source: string, extraImports: readonly NixExpr[]): NixEntry[] {
  const file: NixBinding = {
    kind: "binding",
    keys: ["_file"],
    value: { kind: "string", parts: [source] },
    apart: true,
  };
  const extra = extraImports.length === 0 ? undefined : ({ kind: "list", items: extraImports } as const);
  if (body.kind !== "attrs") {
    const imports: NixEntry[] = extra === undefined ? [] : [importsBinding(extra)];
    return [file, ...imports, { kind: "binding", keys: ["config"], value: body }];
  }
  const own = body.entries.find(
    (entry) => entry.kind === "binding" && entry.keys.length === 1 && entry.keys[0] === "imports",
  ) as NixBinding | undefined;
  const imports = joinImports(extra, own?.value);
  const rest = body.entries.filter((entry) => entry !== own);
  return [file, ...(imports === undefined ? [] : [importsBinding(imports)]), ...rest];
}

function importsBinding(value: NixExpr): NixBinding {
  return { kind: "binding", keys: ["imports"], value, apart: true };
}

function joinImports(
  extra: Extract<NixExpr, { kind: "list" }> | undefined,
  own: NixExpr | undefined,
): NixExpr | undefined {
  if (extra === undefined || own === undefined) return own ?? extra;
  if (own.kind === "list") return { ...own, items: [...extra.items, ...own.items] };
  return { kind: "binary", operator: "++", left: extra, right: own };
}

/** The lambda of the arguments that the module uses; a plain attribute set when it uses none. */
function withHead(content: NixExpr, names: ReadonlyMap<string, Variable>): NixExpr {
  const used = usedNames(content, new Set([...moduleArgumentNames, ...names.keys()]));
  if (used.size === 0) return content;
  const first = ["config", "lib", "pkgs"];
  const ordered = [
    ...first.filter((name) => used.has(name)),
    ...[...used].filter((name) => !first.includes(name)).sort(),
  ];
  return {
    kind: "lambda",
    param: { kind: "pattern", names: ordered.map((name) => ({ name })), open: true },
    body: content,
  };
}
