/** What every recording needs: its surroundings, places for the failures of the user's code, paths from file to file. */
import { SynthError } from "../errors.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import type { Here } from "./convert.ts";
import type { CallSite, ModuleDefinition } from "./definitions.ts";
import { type Origin, originSite, positionOf } from "./origin.ts";
import { folderOf, isInside, normalise, relativePath, relativeTo } from "./paths.ts";
import { arePlacesNoted } from "./places.ts";
import type { Variable } from "./recorded.ts";
import { registry } from "./registry.ts";
import { Scope } from "./scope.ts";

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

/**
 * Runs `record` with places shown relative to the project, and gives every failure of the user's code a place. What floe refuses
 * is recorded once more, with the places of all references: noting them takes a good part of the time, and mostly is for nothing.
 */
export function recording<T>(source: CallSite, root: string, record: () => T): T {
  try {
    return recordAs(!arePlacesNoted(), root, record);
  } catch (error) {
    if (!isExpected(error)) throw failure(error, source, root);
    recordAs(false, root, record);
    // It went well this time: the user's function does not do the same every time.
    throw error;
  }
}

function recordAs<T>(isHasty: boolean, root: string, record: () => T): T {
  const store = registry();
  const outer = { root: store.root, isHasty: store.isHasty };
  store.root = root;
  store.isHasty = isHasty;
  try {
    return record();
  } finally {
    store.root = outer.root;
    store.isHasty = outer.isHasty;
  }
}

/** The place of a definition's own value: what its functions are given is in scope. */
export function top(source: CallSite, context: RecordContext, names: Map<string, Variable>): Here {
  const folder = folderOf(normalise(`${context.root}/${context.outputFile}`));
  return {
    scope: new Scope(names),
    path: undefined,
    option: [],
    above: undefined,
    origin: originOf(source),
    given: names,
    modulePath: (made) => ({ kind: "path", text: relativePath(folder, `${context.root}/${context.moduleFile(made)}`) }),
    userPath: (text, file, refuse) => userPath(normalise(`${folderOf(file)}/${text}`), text, folder, context, refuse),
  };
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// --- internal ---

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
