/** From what the users' functions return to Nix trees: runs a definition's body on recorded references. */
import type { NixModule } from "../model/nix-module.ts";
import { attrs, bind, select } from "../nixlang/build.ts";
import type { NixBinding, NixEntry, NixExpr } from "../nixlang/tree.ts";
import { usedNames } from "../nixlang/used-names.ts";
import { convert, type Here, namedVariables, refusal } from "./convert.ts";
import type { ContainerDefinition, HomeDefinition, HostDefinition, ModuleDefinition } from "./definitions.ts";
import { relativeTo } from "./paths.ts";
import type { Variable } from "./recorded.ts";
import { isPlainObject, type RecordContext, recording, top } from "./recording.ts";
import { argumentsObject, recordedOf } from "./reference.ts";
import { moduleArgumentNames, Scope } from "./scope.ts";

/** `(modulesPath + "/virtualisation/lxc-container.nix")`: what makes a NixOS module a container image. */
export const lxcContainerImport: NixExpr = {
  kind: "binary",
  operator: "+",
  left: { kind: "identifier", name: "modulesPath" },
  right: { kind: "string", parts: ["/virtualisation/lxc-container.nix"] },
};

/** The body of a host, container, home or module as one Nix file. Throws SynthError, with the TypeScript place, for what cannot be Nix. */
export function toNixModule(
  definition: HostDefinition | ContainerDefinition | HomeDefinition | ModuleDefinition,
  context: RecordContext,
): NixModule {
  return recording(definition.source, context.root, () => {
    const names = new Map<string, Variable>();
    const own = ownOptions(definition);
    const here = { ...top(definition.source, context, names), ...(own === undefined ? {} : withOwn(own, names)) };
    const { body } = definition;
    const value: unknown = typeof body === "function" ? body(moduleArguments(names, own) as never) : body;
    const recorded = recordBody(value, here);
    const source = relativeTo(context.root, definition.source.file);
    const entries = moduleEntries(recorded, source, context.extraImports ?? []);
    const content = own === undefined ? attrs(entries) : bindOwn(attrs(entries), own, names);
    return { source: { ...definition.source, file: source }, file: context.outputFile, expr: withHead(content, names) };
  });
}

// --- internal ---

/** `cfg` of a module that declares options of its own. */
interface OwnOptions {
  readonly variable: Variable;
  readonly path: readonly string[];
}

function ownOptions(made: { readonly optionPath?: readonly string[] } | object): OwnOptions | undefined {
  const path = "optionPath" in made ? made.optionPath : undefined;
  return path === undefined ? undefined : { variable: { hint: "cfg", origin: undefined }, path };
}

/** For options at the top of the tree `cfg` is `config` itself. */
function moduleArguments(names: Map<string, Variable>, own: OwnOptions | undefined): object {
  const given = namedVariables(names);
  return argumentsObject((name) => {
    if (own === undefined || name !== "cfg") return given(name);
    return own.path.length === 0 ? given("config") : own.variable;
  });
}

function withOwn(own: OwnOptions, names: Map<string, Variable>): Pick<Here, "scope" | "own"> {
  return { own, scope: new Scope(names, [{ variable: own.variable, name: "cfg" }]) };
}

/** `let cfg = config.my.web; in { ... }` where the module mentions it. */
function bindOwn(content: NixExpr, own: OwnOptions, names: Map<string, Variable>): NixExpr {
  if (usedNames(content, new Set(["cfg"])).size === 0) return content;
  namedVariables(names)("config");
  return { kind: "let", entries: [bind("cfg", select("config", ...own.path))], body: content };
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
