/** The places of definitions, in TypeScript and in the user's own Nix files. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OptionPath, ToldDefinition } from "../model/evaluation.ts";
import type { NixModule } from "../model/nix-module.ts";
import { defined } from "../util/defined.ts";
import { type FoundDefinition, findDefinitions, findSelections, wordPattern } from "./definitions.ts";
import { locateElement, locateOption, offsetOf, optionAt, placeAt, type TextPlace } from "./nix-text.ts";
import { toldText, valueText } from "./words.ts";

/** A place in a file, relative to the project; without a line where the file is all that is known. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A definition that an error speaks of. */
export interface Definition extends Place {
  /** As TypeScript or Nix writes the value; undefined where it is long or only Nix knows it. */
  readonly value: string | undefined;
  /** The option's names, where they are certain. */
  readonly names?: OptionPath;
}

/** What the project holds. */
export interface Sources {
  readonly root: string;
  /** The folder with the flake that was evaluated: the project, or a copy with other generated files. */
  readonly flakeRoot: string;
  readonly modules: readonly NixModule[];
}

/** The definitions that nix's message tells, each at its place. Several of one file are shared out in their order, by value where nix tells it. */
export function placeDefinitions(told: readonly ToldDefinition[], option: OptionPath, sources: Sources): Definition[] {
  const used = new Set<FoundDefinition>();
  return told.map(({ file, value }) => {
    const found = inFile(file, option, sources).filter((candidate) => !used.has(candidate));
    const wanted = toldText(value);
    const chosen = found.find((candidate) => wanted !== undefined && valueText(candidate.value) === wanted) ?? found[0];
    if (chosen !== undefined) {
      used.add(chosen);
      const isWhole = chosen.depth === option.length;
      return {
        ...chosen.at,
        value: wanted ?? (isWhole ? valueText(chosen.value) : undefined),
        ...(isWhole ? { names: chosen.names } : {}),
      };
    }
    return {
      file: shortPath(file),
      ...(file.endsWith(".nix") ? placeInNix(file, option, sources) : {}),
      value: wanted,
    };
  });
}

/** Every definition of the option in the machine's own modules, the exact ones only. */
export function ownDefinitions(option: OptionPath, { modules }: Sources): Definition[] {
  return findDefinitions(modules, option)
    .filter(({ depth }) => depth === option.length)
    .map(({ at, value }) => ({ ...at, value: valueText(value) }));
}

/** The place of the nearest group around where the option would stand. */
export function nearestGroup(option: OptionPath, { modules }: Sources): Place | undefined {
  return findDefinitions(modules, option)[0]?.at;
}

/** From a place in a generated file to the definition in TypeScript that was written there; a place in another file stays. */
export function sourceOf(step: Place, sources: Sources): { readonly place: Place; readonly option: OptionPath } {
  const module = sources.modules.find(({ file }) => file === step.file);
  const text = readText(sources.flakeRoot, step.file);
  const option =
    step.line === undefined || step.file === "flake.nix"
      ? []
      : optionAt(text, { line: step.line, column: step.column ?? 1 });
  if (module === undefined) return { place: step, option };
  return { place: findDefinitions([module], option)[0]?.at ?? module.source, option };
}

/**
 * The reference that asks for an attribute which is not there. nix's place lies in the generated file; the references there come in the
 * order of those in the tree.
 */
export function selectionAt(
  step: Place,
  name: string,
  { root, flakeRoot, modules }: Sources,
): { readonly place: Place; readonly path: string } | undefined {
  const module = modules.find(({ file }) => file === step.file);
  if (module === undefined) return undefined;
  const selections = findSelections(module, name);
  const text = readText(flakeRoot, step.file);
  const from = module.file === "flake.nix" ? offsetOf(text, step.line ?? 1) : 0;
  const end = step.line === undefined ? text.length : offsetOf(text, step.line) + (step.column ?? 1) - 1;
  const before = [...text.slice(from, end).matchAll(wordPattern(name))].length;
  const chosen = selections[module.file === "flake.nix" ? 0 : before] ?? selections[0];
  if (chosen === undefined) return undefined;
  return { place: exactColumn(chosen.at, name, root), path: chosen.path };
}

/** Where a reference selects a name. Its line is certain, the column of compiled code is not: the name is looked for in the line. */
export function exactColumn(at: Required<Place>, name: string, root: string): Required<Place> {
  const text = readText(root, at.file);
  const start = offsetOf(text, at.line);
  const line = text.slice(start, offsetOf(text, at.line + 1));
  const found =
    wordPattern(name).exec(line)?.index ?? line.search(new RegExp(`["'\`]${name.replace(/[^\w-]/g, "\\$&")}["'\`]`));
  return found < 0 ? at : { file: at.file, ...placeAt(text, start + found + 1) };
}

/** `/nix/store/HASH-source/nixos/modules/x.nix` → `nixos/modules/x.nix`. */
export function shortPath(file: string): string {
  return file.replace(/^\/nix\/store\/[0-9a-z]{32}-[^/]+\//, "");
}

// --- internal ---

/** A module of a submodule, as of a home in a host, begins its options further in than the machine does. */
function inFile(file: string, option: OptionPath, { modules }: Sources): FoundDefinition[] {
  const own = modules.filter(({ source }) => source.file === file);
  const tries = option.map((_, start) =>
    findDefinitions(own, option.slice(start)).map((each) => ({
      ...each,
      depth: each.depth + start,
      names: [...option.slice(0, start), ...each.names],
    })),
  );
  const found = tries.find(([first]) => first?.depth === option.length) ?? tries[0] ?? [];
  return [...found].sort((a, b) => Number(a.conditional) - Number(b.conditional));
}

/** The element of a list where the option's path ends with one and the list is written out. */
function placeInNix(file: string, option: OptionPath, { root }: Sources): TextPlace | undefined {
  const text = readText(root, file);
  const place = locateOption(text, option);
  const element = /-entry (\d+)\]$/.exec(option.at(-1) ?? "")?.[1];
  if (place === undefined || element === undefined) return place;
  return locateElement(text, place, Number(element)) ?? place;
}

function readText(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    return "";
  }
}

/** A place without the fields that are not known. */
export function plainPlace({ file, line, column }: Place): Place {
  return defined({ file, line, column });
}
