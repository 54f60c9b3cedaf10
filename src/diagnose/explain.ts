/** One error: its sentence, its places and what to do about it. */
import type {
  EvaluationCause,
  EvaluationError,
  EvaluationMeaning,
  OptionPath,
  RelatedPlace,
} from "../model/evaluation.ts";
import type { AskedOutput } from "../nix/ask.ts";
import { attributesAt, groupsAmong, namesAt } from "../nix/option-names.ts";
import { defined } from "../util/defined.ts";
import { nearest } from "../util/nearest.ts";
import type { AskTogether } from "./ask-together.ts";
import { findText, leafPaths } from "./definitions.ts";
import type { DiagnoseOptions } from "./diagnose.ts";
import {
  type Definition,
  nearestGroup,
  ownDefinitions,
  type Place,
  placeDefinitions,
  plainPlace,
  type Sources,
  selectionAt,
  sourceOf,
} from "./places.ts";
import { didYouMean, elementText, enumHint, listed, optionText, wantedText } from "./words.ts";

export interface ExplainContext extends DiagnoseOptions, Sources {
  /** The name in the flake's output. */
  readonly machine: string;
  readonly output: AskedOutput;
  readonly ask: AskTogether;
}

/** The error in words of an option of the user's, at its place in the user's files. */
export async function explain(error: EvaluationError, context: ExplainContext): Promise<EvaluationError> {
  const { cause, file, line, column, ...rest } = error;
  if (cause === undefined) return error;
  const { place, related = [], ...found } = await explainMeaning(cause.meaning, cause, error, context);
  return {
    ...rest,
    ...(place === undefined ? defined({ file, line, column }) : plainPlace(place)),
    ...defined(found),
    ...(related.length === 0 ? {} : { related }),
  };
}

// --- internal ---

interface Explanation {
  readonly message?: string;
  readonly place?: Place | undefined;
  readonly hint?: string | undefined;
  readonly related?: readonly RelatedPlace[];
}

type Meaning<Kind extends EvaluationMeaning["kind"]> = Extract<EvaluationMeaning, { readonly kind: Kind }>;

async function explainMeaning(
  meaning: EvaluationMeaning,
  cause: EvaluationCause,
  error: EvaluationError,
  context: ExplainContext,
): Promise<Explanation> {
  switch (meaning.kind) {
    case "wrong-type":
      return wrongType(meaning, context);
    case "unknown-option":
      return unknownOption(meaning, context);
    case "conflict":
      return conflict(meaning, context);
    case "no-value":
      return {
        message: `${optionText(meaning.option)}: it has no value, but another option needs it`,
        place: nearestGroup(meaning.option, context),
        hint: "Give it a value",
      };
    case "not-a-group":
      return notAGroup(meaning, context);
    case "assertions":
      return assertions(meaning, context);
    case "missing-attribute":
      return missingAttribute(meaning, cause, context);
    case "missing-argument":
      return missingArgument(meaning, context);
    case "recursion":
      return recursion(cause, context);
    case "other":
      return other(cause, error, context);
    default:
      return meaning satisfies never;
  }
}

function wrongType({ option, wanted, definitions }: Meaning<"wrong-type">, context: ExplainContext): Explanation {
  const [first, ...others] = placeDefinitions(definitions, option, context);
  const element = elementText(option);
  const value = first?.value ?? "the value";
  const names = first?.names ?? option;
  const what = element === "" ? value : `${element}, ${value},`;
  return {
    message: `${optionText(names)}: ${what} is not ${wantedText(wanted)}`,
    place: first,
    hint: enumHint(wanted, first?.value),
    related: others.map(toRelated),
  };
}

async function unknownOption(
  { option: told, definitions, meant }: Meaning<"unknown-option">,
  context: ExplainContext,
): Promise<Explanation> {
  const [first, ...others] = placeDefinitions(definitions, told, context);
  const option = first?.names ?? told;
  const parent = option.slice(0, -1);
  const name = meant ?? (await nearestOption(option, context));
  const known = parent.length === 0 ? "" : ` in ${optionText(parent)}`;
  return {
    message: `${optionText(option)}: there is no such option`,
    place: first,
    hint:
      didYouMean(name) ??
      `floe options ${option.at(-1)} looks for one${known === "" ? "" : `; floe why ${optionText(parent)} lists those${known}`}`,
    related: others.map(toRelated),
  };
}

async function nearestOption(option: OptionPath, context: ExplainContext): Promise<string | undefined> {
  const parent = option.slice(0, -1);
  const near = nearest(option.at(-1) ?? "", await askNames(namesAt(context.machine, parent), context));
  return near === undefined ? undefined : optionText([...parent, near]);
}

const conflictWords: Readonly<Record<Meaning<"conflict">["rule"], string>> = {
  equal: "the definitions differ",
  unique: "it takes one definition only, and has several",
  "read-only": "it is read-only, and is set all the same",
};

function conflict({ option, rule, definitions }: Meaning<"conflict">, context: ExplainContext): Explanation {
  const placed = placeDefinitions(definitions, option, context);
  // The user's own one first: that is where it can be mended.
  const sorted = [...placed].sort((a, b) => Number(b.line !== undefined) - Number(a.line !== undefined));
  const [first, ...others] = sorted;
  const values = placed.flatMap(({ value }) => value ?? []);
  const shown = values.length === placed.length && values.length > 1 ? `: ${listed(values)}` : "";
  return {
    message: `${optionText(option)}: ${conflictWords[rule]}${shown}`,
    place: first,
    hint:
      rule === "read-only"
        ? "Remove the definition"
        : "Let one win with lib.mkForce(value), or make the other a default with lib.mkDefault(value)",
    related: others.map(toRelated),
  };
}

async function notAGroup(meaning: Meaning<"not-a-group">, context: ExplainContext): Promise<Explanation> {
  const option = meaning.option ?? (await groupWithValue(context));
  if (option === undefined) return { message: `A value (${meaning.found}) stands where a group of options belongs` };
  const [first, ...others] = ownDefinitions(option, context).filter(({ value }) => value !== "{ … }");
  const value = first?.value ?? meaning.found;
  return {
    message: `${optionText(option)}: ${value} stands where a group of options belongs`,
    place: first,
    hint: `floe why ${optionText(option)} lists its options`,
    related: others.map(toRelated),
  };
}

/** Old releases do not say which: the definitions whose option is a group are looked for. */
async function groupWithValue(context: ExplainContext): Promise<OptionPath | undefined> {
  const paths = context.modules.flatMap(leafPaths);
  const answers = await askFor(groupsAmong(context.machine, paths), context);
  return Array.isArray(answers) ? paths[answers.indexOf(true)] : undefined;
}

function assertions({ messages }: Meaning<"assertions">, context: ExplainContext): Explanation {
  const placed = messages.map((text) => ({ text, places: assertionPlaces(text, context) }));
  const [first, ...others] = placed.flatMap(({ text, places }) =>
    places.map((place) => ({ ...plainPlace(place), text })),
  );
  const single = messages.length === 1;
  return {
    message: single
      ? `Failed assertion: ${messages[0]}`
      : `${messages.length} assertions fail:\n${messages.map((text) => `- ${text}`).join("\n")}`,
    place: first,
    related: others.map((other) => (single ? { ...other, text: "also named there" } : other)),
  };
}

/** Where the assertion itself is written, when that is in the project; else the options that its message names, where they are set. */
function assertionPlaces(text: string, context: ExplainContext): Place[] {
  const written = context.modules.flatMap((module) => findText(module, text) ?? []);
  if (written.length > 0) return written.slice(0, 1);
  const names = [...text.matchAll(/[A-Za-z_][\w-]*(?:\.(?:[A-Za-z_<][\w>-]*|"[^"]*"))+/g)].map(([name]) =>
    [...name.matchAll(/"([^"]*)"|([^."]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""),
  );
  return names.flatMap((option) => ownDefinitions(option, context)).slice(0, 4);
}

async function missingAttribute(
  { name, meant }: Meaning<"missing-attribute">,
  cause: EvaluationCause,
  context: ExplainContext,
): Promise<Explanation> {
  const [step] = cause.steps;
  if (step === undefined) return { message: attributeMessage(name, undefined) };
  const selection = selectionAt(step, name, context);
  if (selection === undefined)
    return { ...inSource(step, attributeMessage(name, undefined), context), hint: didYouMean(listedOr(meant)) };
  const { path, place } = selection;
  const parent = path.slice(0, path.lastIndexOf(`.${name}`));
  const near = meant[0] ?? (await nearestAttribute(parent, name, context));
  return {
    message: attributeMessage(name, parent),
    place,
    hint: didYouMean(near === undefined ? undefined : `${parent}.${near}`),
  };
}

function attributeMessage(name: string, parent: string | undefined): string {
  if (parent === undefined || parent === "" || parent === name) return `There is no attribute "${name}"`;
  if (parent === "pkgs") return `pkgs.${name}: there is no such package`;
  return `${parent}.${name}: ${parent} has no attribute of this name`;
}

async function nearestAttribute(parent: string, name: string, context: ExplainContext): Promise<string | undefined> {
  const path = parent.split(".");
  if (!["pkgs", "lib", "config"].includes(path[0] ?? "") || path.includes("…")) return undefined;
  return nearest(name, await askNames(attributesAt(context.machine, path), context));
}

function missingArgument({ name, module: file }: Meaning<"missing-argument">, context: ExplainContext): Explanation {
  const module = context.modules.find((candidate) => candidate.file === file);
  return {
    message: `The module asks for "${name}", which nobody gives it`,
    place: module?.source ?? (file === undefined ? undefined : { file }),
    hint: `Modules are given config, lib, pkgs, options, modulesPath, inputs and what specialArgs or _module.args name`,
  };
}

/** Of the options that were being evaluated, those that the user set make the circle that can be opened. */
function recursion({ options, steps }: EvaluationCause, context: ExplainContext): Explanation {
  const own = options.flatMap((option) => {
    const [definition] = ownDefinitions(option, context);
    return definition === undefined ? [] : [{ option, definition }];
  });
  // Further out lie options that only lead to the circle.
  const [first, ...others] = own.slice(0, 3);
  const named = first?.option ?? options[0];
  if (named === undefined)
    return {
      message: "A value depends on itself (infinite recursion)",
      place: steps[0] && sourceOf(steps[0], context).place,
      hint: recursionHint,
    };
  const through =
    others.length === 0 ? "" : `, perhaps through ${listed(others.map(({ option }) => optionText(option)))}`;
  return {
    message: `${optionText(named)}: its value depends on itself${through} (infinite recursion)`,
    place: first?.definition ?? (steps[0] && sourceOf(steps[0], context).place),
    hint: recursionHint,
    related: others.map(({ option, definition }) => ({ ...toRelated(definition), text: optionText(option) })),
  };
}

const recursionHint =
  "Do not read from config what this definition decides about; a condition belongs in lib.mkIf, inside the option";

/** Nix's own words, at the definition in which nix was. */
function other({ steps }: EvaluationCause, error: EvaluationError, context: ExplainContext): Explanation {
  const [step] = steps;
  return step === undefined ? {} : inSource(step, error.message, context);
}

function inSource(step: Place, message: string, context: ExplainContext): Explanation {
  const { place, option } = sourceOf(step, context);
  const isWritten = place.file !== step.file;
  return {
    message: isWritten && option.length > 0 ? `${optionText(option)}: ${decapitalised(message)}` : message,
    place,
  };
}

function toRelated({ value, names: _, ...place }: Definition): RelatedPlace {
  return { ...plainPlace(place), text: value ?? "" };
}

function decapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function listedOr(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(" or ");
}

async function askNames(fn: string, context: ExplainContext): Promise<string[]> {
  const answer = await askFor(fn, context);
  return Array.isArray(answer) ? answer.filter((name): name is string => typeof name === "string") : [];
}

/** Undefined when nix cannot answer: a suggestion is a help, not a need. */
function askFor(fn: string, { ask, output }: ExplainContext): Promise<unknown> {
  return ask(output, fn);
}
