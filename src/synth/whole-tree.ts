/**
 * Machines that change with every commit. A module that reads the revision of the flake, or puts the project's whole folder into
 * the store, gives a machine another derivation whenever anything in the project changes, however little that has to do with it.
 */
import type { SourcePosition } from "../errors.ts";
import { builtContainers, type Fleet } from "../model/fleet.ts";
import type { NixModule } from "../model/nix-module.ts";
import type { NixExpr } from "../nixlang/tree.ts";
import { visit } from "../nixlang/visit.ts";
import { importedModules, pathsIn, resolveFrom } from "./module-graph.ts";
import { byName } from "./records.ts";

export interface WholeTreeRead {
  readonly kind: "host" | "container" | "home";
  readonly name: string;
  /** What is read: `inputs.self.rev`, `inputs.self`, `the project's folder`. */
  readonly what: string;
  /** The module that reads it, relative to the project. */
  readonly file: string;
  /** Where, if the fleet was loaded with places, or in a Nix file its line. */
  readonly at?: SourcePosition;
}

/**
 * Every machine that reads the whole tree, with what it reads. `readText` gives the text of a Nix file of the project, or
 * undefined where there is none. What Nix code computes is not seen: this finds the usual ways to write it, not all.
 */
export function findWholeTreeReads(fleet: Fleet, readText: (path: string) => string | undefined): WholeTreeRead[] {
  const nixReads = new Map<string, readonly Read[]>();
  const ofKind = (kind: WholeTreeRead["kind"], machines: readonly Machine[]): WholeTreeRead[] =>
    machines.flatMap(({ name, module, specialArgs = [] }) => {
      const modules = importedModules(module, fleet);
      const reads = [
        ...modules.flatMap(readsOfModule),
        ...specialArgs.flatMap((tree) => readsOfTree(tree, fleet.configFile, [], false)),
        ...nixFilesOf(modules, readText).flatMap(([file, text]) => {
          const known = nixReads.get(file) ?? readsOfText(file, text);
          nixReads.set(file, known);
          return known;
        }),
      ];
      return unique(reads).map((read) => ({ kind, name, ...read }));
    });
  return [
    ...ofKind("host", byName(fleet.hosts)),
    ...ofKind("container", byName(builtContainers(fleet))),
    ...ofKind("home", byName(fleet.homes ?? {})),
  ];
}

// --- internal ---

type Read = Pick<WholeTreeRead, "what" | "file" | "at">;
interface Machine {
  readonly name: string;
  readonly module: NixModule;
  readonly specialArgs?: readonly NixExpr[];
}

const revisions =
  "rev|shortRev|dirtyRev|dirtyShortRev|revCount|lastModified|lastModifiedDate|narHash|sourceInfo|outPath";
const isRevision = new RegExp(`^(?:${revisions})$`);

function readsOfModule(module: NixModule): Read[] {
  return readsOfTree(module.expr, module.source.file, module.file.split("/").slice(0, -1), true);
}

/** `folder` is that of the generated file, from which its paths start. */
function readsOfTree(tree: NixExpr, file: string, folder: readonly string[], isModule: boolean): Read[] {
  const reads: Read[] = [];
  const bases = new Set<NixExpr>();
  visit(tree, (expr) => {
    if (expr.kind === "raw")
      for (const part of expr.parts)
        if (typeof part === "string") reads.push(...selfIn(part).map((what) => ({ what, file, ...placeOf(expr) })));
    // A `self` among the special arguments is only handed on.
    const what = expr.kind === "select" && !bases.has(expr) ? selfRead(expr, isModule) : undefined;
    if (expr.kind === "select" && expr.base.kind === "select") bases.add(expr.base);
    if (what !== undefined) reads.push({ what, file, ...placeOf(expr) });
    if (expr.kind === "path" && resolveFrom(folder, expr.text) === "")
      reads.push({ what: "the project's folder", file, ...placeOf(expr) });
  });
  return reads;
}

function placeOf({ at }: NixExpr): { readonly at?: SourcePosition } {
  return at === undefined ? {} : { at };
}

function selfRead(expr: Extract<NixExpr, { kind: "select" }>, countsWhole: boolean): string | undefined {
  if (expr.base.kind !== "identifier") return undefined;
  const path = [expr.base.name, ...expr.keys.map((key) => (typeof key === "string" ? key : "…"))];
  const isSelf = path[0] === "inputs" ? path[1] === "self" : path[0] === "self";
  if (!isSelf) return undefined;
  const key = path[path[0] === "inputs" ? 2 : 1];
  if (key === undefined) return countsWhole ? path.join(".") : undefined;
  return isRevision.test(key) ? path.join(".") : undefined;
}

function selfIn(text: string): string[] {
  const pattern = new RegExp(
    `(?<![\\w.'-])(?:inputs\\.)?self(?:\\.(?:${revisions})(?![\\w'-])|(?=\\s*(?:\\}|\\+)))`,
    "g",
  );
  return [...text.matchAll(pattern)].map((found) => found[0]);
}

/** The Nix files that modules name by path, and those that these import by a path of their own. */
function nixFilesOf(
  modules: readonly NixModule[],
  readText: (path: string) => string | undefined,
): (readonly [file: string, text: string])[] {
  const found = new Map<string, string>();
  const follow = (file: string): void => {
    if (found.has(file) || file.startsWith("..")) return;
    const [path, text] =
      [file, `${file}/default.nix`]
        .map((each) => [each, readText(each)] as const)
        .find(([, given]) => given !== undefined) ?? [];
    if (path === undefined || text === undefined) return;
    found.set(file, text);
    const folder = path.split("/").slice(0, -1);
    for (const [mentioned] of text.matchAll(/(?<![\w./-])\.{1,2}\/[\w./+-]+/g)) follow(resolveFrom(folder, mentioned));
  };
  const generated = new Set(modules.map((module) => module.file));
  for (const file of modules.flatMap(pathsIn)) if (!generated.has(file)) follow(file);
  return [...found];
}

function readsOfText(file: string, text: string): Read[] {
  return text.split("\n").flatMap((line, index) => {
    const code = line.replace(/(^|\s)#.*$/, "");
    return selfIn(code).map((what) => ({ what, file, at: { file, line: index + 1, column: line.indexOf(what) + 1 } }));
  });
}

function unique(reads: readonly Read[]): Read[] {
  const seen = new Set<string>();
  return reads.filter((read) => {
    const key = JSON.stringify([read.what, read.file, read.at]);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}
