import { existsSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import {
  type AnyDefinition,
  type CallSite,
  type DirReference,
  definition,
  isDirReference,
  recogniseDefinition,
} from "../authoring/definitions.ts";
import { definitionNames } from "./find.ts";
import type { Exports, Importer } from "./importer.ts";
import {
  homeNameRule,
  isHomeName,
  isLabel,
  isProfileName,
  isShellName,
  labelRule,
  profileNameRule,
  shellNameRule,
} from "./names.ts";
import { type Place, type Problems, placeIn } from "./problems.ts";
import type { LoadTrace } from "./recall.ts";

type Kind = AnyDefinition[typeof definition];
type OfKind<K extends Kind> = Extract<AnyDefinition, { readonly [definition]: K }>;

/** A definition with its name. */
export interface Named<K extends Kind> {
  readonly name: string;
  readonly definition: OfKind<K>;
  /** Where its name was given. */
  readonly named: Place;
}

export interface CollectContext {
  readonly root: string;
  readonly importer: Importer;
  readonly problems: Problems;
  readonly trace: LoadTrace;
}

/** What a kind of definition is called, and where the user puts it. */
const kindLabels: Readonly<Record<Kind, string>> = {
  fleet: "a fleet",
  host: "a host",
  container: "a container",
  home: "a home",
  module: "a module",
  profile: "a profile",
  shell: "a dev shell",
  shells: "dev shells",
};

const nameRules = {
  host: { isName: isLabel, rule: labelRule },
  container: { isName: isLabel, rule: labelRule },
  home: { isName: isHomeName, rule: homeNameRule },
  profile: { isName: isProfileName, rule: profileNameRule },
  shell: { isName: isShellName, rule: shellNameRule },
} as const;

type NamedKind = keyof typeof nameRules;

/** The hosts, containers, homes, profiles or shells of a folder, one a file, or of an object, one a key. Names are DNS labels, of homes `USER@HOST` too. */
export async function collectDefinitions<K extends NamedKind>(
  kind: K,
  from: { readonly value: DirReference | Readonly<Record<string, unknown>> | undefined; readonly source: CallSite },
  context: CollectContext,
): Promise<Named<K>[]> {
  const { value, source } = from;
  if (value === undefined) return [];
  const found = isDirReference(value)
    ? await fromFolder(kind, value, source, context)
    : fromObject(kind, value, source, context);
  for (const { name, named } of found) {
    const { isName, rule } = nameRules[kind];
    if (!isName(name))
      context.problems.report(named, [`${kind}s`, name], `Name "${name}" of ${kindLabels[kind]} must ${rule}`);
  }
  return found;
}

/** The definition a file exports: its default export, or its only export of the kind. */
export async function collectFile<K extends Kind>(
  kind: K,
  file: string,
  context: CollectContext,
): Promise<OfKind<K> | undefined> {
  context.trace.files.add(file);
  const exports = await context.importer.load(file);
  return exports === undefined ? undefined : pick(kind, exports, file, context);
}

export function isOfKind<K extends Kind>(kind: K, value: unknown): value is OfKind<K> {
  return recogniseDefinition(value)?.[definition] === kind;
}

async function fromFolder<K extends NamedKind>(
  kind: K,
  dir: DirReference,
  source: CallSite,
  context: CollectContext,
): Promise<Named<K>[]> {
  const found: Named<K>[] = [];
  for (const file of definitionFiles(`${kind}s`, dir, source, context)) {
    const picked = await collectFile(kind, file, context);
    if (picked !== undefined) found.push({ name: nameOf(file), definition: picked, named: { file } });
  }
  return found;
}

/** The files of a folder that hold definitions, in the order of their names. */
function definitionFiles(key: string, dir: DirReference, source: CallSite, context: CollectContext): string[] {
  const folder = resolve(context.root, dir.path);
  const place = placeIn(source, [key]);
  if (relative(context.root, folder).startsWith("..")) {
    context.problems.report(place, [key], `Folder "${dir.path}" of "${key}" must lie in the project`);
    return [];
  }
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    context.problems.report(
      place,
      [key],
      `Cannot find the folder "${dir.path}" of "${key}"`,
      `Make it, or leave "${key}" out of the fleet`,
    );
    return [];
  }
  const names = definitionNames(folder);
  context.trace.folders.set(folder, names);
  return names.map((name) => join(folder, name));
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.m?[tj]s$/, "");
}

function fromObject<K extends NamedKind>(
  kind: K,
  value: Readonly<Record<string, unknown>>,
  source: CallSite,
  { problems }: CollectContext,
): Named<K>[] {
  const found: Named<K>[] = [];
  for (const [name, item] of Object.entries(value)) {
    const path = [`${kind}s`, name];
    if (isOfKind(kind, item)) found.push({ name, definition: item, named: placeIn(source, path) });
    else
      problems.report(
        placeIn(source, path),
        path,
        `"${name}" in "${kind}s" must be ${kindLabels[kind]}, not ${whatItIs(item)}`,
      );
  }
  return found;
}

function pick<K extends Kind>(
  kind: K,
  exports: Exports,
  file: string,
  { root, problems }: CollectContext,
): OfKind<K> | undefined {
  // jiti gives the exports themselves for a default export that is not there.
  const byDefault = "default" in exports ? exports["default"] : undefined;
  if (isOfKind(kind, byDefault)) return byDefault;
  const named = Object.entries(exports).filter(([, value]) => isOfKind(kind, value));
  const [only] = named;
  if (byDefault === undefined && named.length === 1 && only !== undefined) return only[1] as OfKind<K>;
  const path = relative(root, file);
  const example = `export default ${kind}(...)`;
  if (byDefault !== undefined)
    problems.report(
      { file },
      [],
      `"${path}" must export ${kindLabels[kind]} by default, not ${whatItIs(byDefault)}`,
      elsewhere(byDefault),
    );
  else if (named.length > 1)
    problems.report(
      { file },
      [],
      `"${path}" exports ${named.map(([name]) => `"${name}"`).join(" and ")}, but one file is one ${kind}`,
      "Move each into a file of its own",
    );
  else
    problems.report(
      { file },
      [],
      `"${path}" has no default export`,
      `It needs \`${example}\`; a file whose name begins with "_" is left alone`,
    );
  return undefined;
}

function whatItIs(value: unknown): string {
  const kind = kindOf(value);
  if (kind !== undefined) return kind === "dir" ? "a folder" : kindLabels[kind];
  return value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`;
}

function elsewhere(value: unknown): string | undefined {
  const kind = kindOf(value);
  return kind === "host" || kind === "container" || kind === "home" || kind === "module" || kind === "profile"
    ? `A ${kind} belongs in "${kind}s/"`
    : undefined;
}

/** `dir`, or the kind of definition that one of the users' functions made. */
function kindOf(value: unknown): Kind | "dir" | undefined {
  return isDirReference(value) ? "dir" : recogniseDefinition(value)?.[definition];
}
