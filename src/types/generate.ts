/** From a dump of options to TypeScript declarations. Pure: equal dumps give equal text. */
import { comment, docText } from "./doc-comment.ts";
import { isHole, isOption, type OptionDump, type OptionNode, type TypeNode } from "./dump.ts";
import { type Family, familyOf } from "./kinds.ts";
import { namer, propertyName, type TakeName } from "./names.ts";
import { packagesFile } from "./package-types.ts";

/** The files of `.floe/types`, by name. */
export type TypeFiles = Readonly<Record<string, string>>;

const HEADER = `// Written by "floe types" from the options and packages of this project's nixpkgs. Changes are lost.\n`;
const FROM_FLOE = ["Expr", "ModuleParts", "NixAny", "NixPackage", "NixPath", "Sub", "V"];
/** The options of a home-manager user, wherever home-manager is a NixOS module. */
const HOME = "home-manager.users.<name>";

/** The declarations of a dump. `index.d.ts` is the one that adds to floe's own types. */
export function generateDeclarations({ options, homes, packages }: OptionDump): TypeFiles {
  const nixos = optionsFile(options, "Nixos", "A NixOS module.");
  const home = optionsFile(homes, "Home", "A module of home-manager.");
  const hasHomes = Object.keys(homes).length > 0;
  // A home that belongs to a user of a host is a submodule there.
  const isHomeOfUser = !hasHomes && nixos.includes("export interface Home extends ModuleParts<Home> {");
  return {
    "index.d.ts": indexFile(hasHomes ? "./home.d.ts" : isHomeOfUser ? "./nixos.d.ts" : undefined, hasHomes),
    "nixos.d.ts": nixos,
    // Also without homes: what is left from before must not be found.
    "home.d.ts": hasHomes ? home : `${HEADER}export {};\n`,
    "packages.d.ts": `${HEADER}${packagesFile(packages)}`,
  };
}

// --- internal ---

function indexFile(homesFrom: string | undefined, isStandalone: boolean): string {
  const homes =
    homesFrom === undefined
      ? { imports: "", members: "" }
      : {
          imports: `import type { Home${isStandalone ? ", HomeModule" : ""} } from "${homesFrom}";\n`,
          members: `    /** What a home says. */
    readonly home: ${isStandalone ? "HomeModule" : "Home"};
    readonly homeConfig: Ref<Home>;
`,
        };
  return `${HEADER}import type { NixLib, Ref } from "floe";
${homes.imports}import type { Nixos, NixosModule } from "./nixos.d.ts";
import type { Packages } from "./packages.d.ts";

declare module "floe" {
  interface NixTypes {
    /** What a host, a container or a module says. */
    readonly module: NixosModule;
    readonly options: Nixos;
    readonly config: Ref<Nixos>;
${homes.members}    readonly pkgs: Packages;
    readonly lib: NixLib;
  }
}
`;
}

function optionsFile(options: Readonly<Record<string, OptionNode>>, name: string, what: string): string {
  const out = newWriter([name, `${name}Module`]);
  const body = members(out, options, [], []);
  out.declarations.push(`/** All options, as a configuration sets them. */\nexport interface ${name} {\n${body}}\n`);
  out.declarations.push(`/** ${what} */\nexport interface ${name}Module extends ${name}, ModuleParts<${name}> {}\n`);
  return `${HEADER}import type { ${FROM_FLOE.join(", ")} } from "floe";\n\n${out.declarations.join("\n")}`;
}

interface Writer {
  readonly declarations: string[];
  /** The interface of each body: what looks the same has one name. */
  readonly names: Map<string, string>;
  readonly takeName: TakeName;
}

function newWriter(taken: readonly string[]): Writer {
  return { declarations: [], names: new Map(), takeName: namer([...taken, ...FROM_FLOE]) };
}

/** A type that is being written, with the name it got because something inside it is the same type again. */
interface Frame {
  name?: string;
  readonly path: readonly string[];
  readonly isSubmodule: boolean;
}
type Frames = readonly Frame[];

function members(
  out: Writer,
  options: Readonly<Record<string, OptionNode>>,
  path: readonly string[],
  frames: Frames,
): string {
  let text = "";
  for (const [name, node] of Object.entries(options)) text += member(out, name, node, [...path, name], frames);
  return text;
}

function member(out: Writer, name: string, node: OptionNode, path: readonly string[], frames: Frames): string {
  const left = `  ${propertyName(name)}?: `;
  if (isHole(node)) return `${comment(`Untyped: ${node.hole}.`, "  ")}${left}NixAny;\n`;
  if (isOption(node))
    return `${comment(docText(node), "  ")}${left}${orUndefined(value(out, node.type, path, frames))};\n`;
  const body = members(out, node.options, path, frames);
  return `${left}${orUndefined(`V<${declareInterface(out, body, path)}>`)};\n`;
}

/** An attribute that is `undefined` in TypeScript is left out in Nix. */
function orUndefined(text: string): string {
  return text === "NixAny" ? text : `${text} | undefined`;
}

/** Types that are the same whatever is inside. */
const WORDS = {
  boolean: "boolean",
  number: "number",
  string: "string",
  path: "NixPath",
  package: "NixPackage",
} satisfies Partial<Record<Family, string>>;

/** What can be given where this type is wanted. */
function value(out: Writer, type: TypeNode, path: readonly string[], frames: Frames): string {
  const word = (WORDS as Partial<Record<Family, string>>)[familyOf(type.kind)];
  if (word !== undefined) return `V<${word}>`;
  const text = alternatives(out, type, path, frames).join(" | ");
  if (text === "NixAny") return text;
  const isSubmodule = type.kind === "up" ? enclosing(frames, type)?.isSubmodule === true : holdsSubmodule(type);
  return isSubmodule ? `Sub<${text}>` : `V<${text}>`;
}

function holdsSubmodule(type: TypeNode): boolean {
  const family = familyOf(type.kind);
  if (family === "submodule") return type.cut !== true;
  if (!["nullable", "either", "coerced", "same"].includes(family)) return false;
  return [type.elem, type.left, type.right, type.from].some((inner) => inner !== undefined && holdsSubmodule(inner));
}

/** The types whose union this type is, without references. */
function alternatives(out: Writer, type: TypeNode, path: readonly string[], frames: Frames): string[] {
  if (type.kind === "up") return [nameOfFrame(out, enclosing(frames, type))];
  const frame: Frame = { path, isSubmodule: familyOf(type.kind) === "submodule" };
  const written = alternativesOf(out, type, path, [...frames, frame]);
  const found = written.length > 1 ? [...new Set(written)] : written;
  const parts = found.includes("NixAny") ? ["NixAny"] : found;
  if (frame.name === undefined || familyOf(type.kind) === "submodule") return parts;
  out.declarations.push(`export type ${frame.name} = ${parts.join(" | ")};\n`);
  return [frame.name];
}

function alternativesOf(out: Writer, type: TypeNode, path: readonly string[], frames: Frames): string[] {
  const inner = (part: TypeNode | undefined, step: readonly string[] = []): string[] =>
    part === undefined ? ["NixAny"] : alternatives(out, part, [...path, ...step], frames);
  const innerValue = (step: readonly string[]): string =>
    type.elem === undefined ? "NixAny" : value(out, type.elem, [...path, ...step], frames);
  const family = familyOf(type.kind);
  switch (family) {
    case "boolean":
    case "number":
    case "string":
    case "path":
    case "package":
      return [WORDS[family]];
    case "enum":
      return enumMembers(type.values);
    case "list":
      return [`readonly ${innerValue(["*"])}[]`];
    case "attributes":
      return [`{ readonly [name: string]: ${orUndefined(innerValue(["<name>"]))} }`];
    case "nullable":
      return ["null", ...inner(type.elem)];
    case "either":
      return [...inner(type.left), ...inner(type.right)];
    case "coerced":
      return [...inner(type.elem), ...inner(type.from)];
    case "same":
      return inner(type.elem);
    case "function":
      return [`((argument: Expr) => ${innerValue(["<function body>"])})`];
    case "submodule":
      return type.cut === true ? ["NixAny"] : [submodule(out, type, path, frames)];
    case "tagged":
      return Object.entries(type.tags ?? {}).map(([name, node]) => tag(out, name, node, [...path, name], frames));
    case "up":
    case "any":
      return ["NixAny"];
  }
}

function tag(out: Writer, name: string, node: OptionNode, path: readonly string[], frames: Frames): string {
  return `{ readonly ${propertyName(name)}: ${isOption(node) ? value(out, node.type, path, frames) : "NixAny"} }`;
}

function submodule(out: Writer, type: TypeNode, path: readonly string[], frames: Frames): string {
  const options = type.options ?? {};
  const isOpen = type.open === true || type.freeform !== undefined;
  const body = `${members(out, options, path, frames)}${isOpen ? "  readonly [name: string]: NixAny;\n" : ""}`;
  const isModule =
    type.isModule === true && !["imports", "disabledModules", "options", "config"].some((name) => name in options);
  return declareInterface(out, body, path, { isModule, name: frames.at(-1)?.name });
}

function declareInterface(
  out: Writer,
  body: string,
  path: readonly string[],
  { isModule = false, name = undefined as string | undefined } = {},
): string {
  const key = `${isModule}\n${body}`;
  const known = name === undefined ? out.names.get(key) : undefined;
  if (known !== undefined) return known;
  const own = name ?? out.takeName(path.join(".") === HOME ? ["Home"] : path);
  out.names.set(key, own);
  out.declarations.push(`export interface ${own}${isModule ? ` extends ModuleParts<${own}>` : ""} {\n${body}}\n`);
  return own;
}

/** The type that `up` means. */
function enclosing(frames: Frames, { up = 0 }: TypeNode): Frame | undefined {
  return frames[frames.length - up];
}

function nameOfFrame(out: Writer, frame: Frame | undefined): string {
  if (frame === undefined) return "NixAny";
  frame.name ??= out.takeName(frame.path);
  return frame.name;
}

/** An enum without values takes nothing; one whose values cannot be read takes everything. */
function enumMembers(values: TypeNode["values"]): string[] {
  if (values === null || values === undefined) return ["NixAny"];
  return values.length === 0 ? ["never"] : values.map(literal);
}

function literal(of: unknown): string {
  return of === null || ["string", "number", "boolean"].includes(typeof of) ? JSON.stringify(of) : "NixAny";
}
