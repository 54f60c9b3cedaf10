/** `floe why`: what an option's value is, and everything that led to it. */

import { askTogether } from "../diagnose/ask-together.ts";
import { type FoundDefinition, findDefinitions } from "../diagnose/definitions.ts";
import { explain } from "../diagnose/explain.ts";
import { homeModules, machineModules, outputOf } from "../diagnose/modules.ts";
import { type Place, placeDefinitions, plainPlace, type Sources, shortPath } from "../diagnose/places.ts";
import { optionText, valueText } from "../diagnose/words.ts";
import { NixError, UsageError } from "../errors.ts";
import type { EvaluationError } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { AskedOutput, Asking } from "../nix/ask.ts";
import { parseOptionPath } from "../nix/failure.ts";
import { attributesAt, namesAt } from "../nix/option-names.ts";
import { defined } from "../util/defined.ts";
import { nearest } from "../util/nearest.ts";
import { defaultFunction, factsFunction, valueFunction } from "./nix.ts";
import { type Shown, showValue, toData } from "./value.ts";

/** One definition of the option. */
export interface WhyDefinition extends Place {
  /** As TypeScript writes it; absent where only Nix knows it. */
  readonly value?: string;
  /** 100 by itself, 50 with mkForce, 1000 with mkDefault; absent where it is not known. */
  readonly priority?: number;
  /** `used`, or why it has no part in the value: another has a stronger priority, or its condition does not hold. */
  readonly state: "used" | "outranked" | "not in force";
}

export interface WhyOption {
  readonly what: "option";
  readonly option: string;
  readonly machine: string;
  /** Absent when it cannot be evaluated; `error` says why. */
  readonly value?: unknown;
  readonly valueText?: string;
  readonly error?: EvaluationError;
  readonly definitions: readonly WhyDefinition[];
  readonly type: string;
  readonly default?: string;
  readonly description?: string;
  readonly example?: string;
  readonly readOnly: boolean;
  readonly declared: readonly Place[];
}

/** Questions to the output in which the machine is. */
export function askingOf(asking: Asking, output: AskedOutput): Asking {
  return { ...asking, ask: (fn, other = output) => asking.ask(fn, other) };
}

/** A group of options: their names, with the type of those that are options. */
export interface WhyGroup {
  readonly what: "group";
  readonly option: string;
  readonly machine: string;
  readonly options: Readonly<Record<string, string | null>>;
}

export interface WhyRequest {
  readonly fleet: Fleet;
  readonly machine: string;
  /** `services.openssh.enable`, names with dots in quotes. */
  readonly option: string;
}

/**
 * Everything about one option of a machine. `fleet` has places in its trees where it was loaded with them.
 * @throws UsageError for an option that does not exist, NixError when the machine's options cannot be evaluated
 */
export async function explainOption(
  { fleet, machine, option }: WhyRequest,
  anyAsking: Asking,
): Promise<WhyOption | WhyGroup> {
  const output = outputOf(fleet, machine);
  const asking = askingOf(anyAsking, output);
  const modules = output === "homeConfigurations" ? homeModules(fleet, machine) : machineModules(fleet, machine);
  const path = parseOptionPath(option.trim());
  const answer = await asking.ask(factsFunction(machine, path));
  const sources: Sources = { root: fleet.root, flakeRoot: fleet.root, modules };
  const one = <T>(work: (asking: Asking) => Promise<T>) => work(asking);
  const context = { ...sources, machine, output, asking: one, ask: askTogether(one) };
  const inWords = (error: EvaluationError) => explain(error, context);
  if (!answer.ok) throw cannotEvaluate(machine, await inWords(answer.error));
  const facts = answer.value as Facts | GroupFacts | null;
  if (facts === null) throw await noSuchOption(path, machine, asking);
  const names = { option: optionText(path), machine };
  if ("group" in facts)
    return {
      what: "group",
      ...names,
      options: Object.fromEntries(Object.entries(facts.group).map(([name, { option: type }]) => [name, type])),
    };
  const value = await asking.ask(valueFunction(machine, path));
  return {
    what: "option",
    ...names,
    ...(value.ok
      ? valueFields(value.value as Shown)
      : { error: notThere(path, value.error) ?? (await inWords(value.error)) }),
    definitions: definitionsOf(facts, path, sources, asking),
    type: facts.type ?? "unspecified",
    ...defined({
      default: await defaultText(facts, machine, path, asking),
      description: oneText(facts.description),
      example: oneText(facts.example),
    }),
    readOnly: facts.readOnly,
    declared: declaredAt(facts, asking),
  };
}

// --- internal ---

interface Facts {
  readonly type: string | null;
  readonly description: string | null;
  readonly defaultText: string | null;
  readonly hasDefault: boolean;
  readonly example: string | null;
  readonly readOnly: boolean;
  readonly declarations: readonly string[];
  readonly position: { readonly file: string; readonly line: number } | null;
  readonly priority: number | null;
  readonly definitions: readonly { readonly file: string; readonly priority: number | null; readonly value: Shown }[];
}

interface GroupFacts {
  readonly group: Readonly<Record<string, { readonly option: string | null }>>;
}

/** The first declaration with its line, where nix knows it; submodules know nothing but that. */
function declaredAt({ declarations, position }: Facts, { fileName }: Asking): Place[] {
  const files = position === null ? declarations : declarations.slice(1);
  const first = position === null ? [] : [{ file: shortPath(fileName(position.file)), line: position.line }];
  return [...first, ...files.map((file) => ({ file: shortPath(fileName(file)) }))];
}

function valueFields(shown: Shown): Pick<WhyOption, "value" | "valueText"> {
  return { value: toData(shown), valueText: showValue(shown) };
}

/** Those that nix used, then those of the user's that it did not. */
function definitionsOf(facts: Facts, path: readonly string[], sources: Sources, asking: Asking): WhyDefinition[] {
  const isDefault = (priority: number | null) => priority === 1500;
  const used = facts.definitions.filter(
    ({ priority, file }) => !isDefault(priority) && !isDeclaredDefault(file, facts),
  );
  const told = used.map(({ file, value }) => ({ file: asking.fileName(file), value: showValue(value) }));
  const places = placeDefinitions(told, path, sources);
  const own = findDefinitions(sources.modules, path).filter(({ depth }) => depth === path.length);
  const inForce = used.map(({ priority, value }, index): WhyDefinition => {
    const place: Place = places[index] ?? { file: "" };
    const same = own.find(({ at }) => at.file === place.file && at.line === place.line && at.column === place.column);
    return {
      ...plainPlace(place),
      value: showValue(value),
      ...defined({ priority: priority ?? same?.priority }),
      state: "used",
    };
  });
  const others = own.filter(
    ({ at }) =>
      !inForce.some((place) => at.file === place.file && at.line === place.line && at.column === place.column),
  );
  return [...inForce, ...others.map((other) => unused(other, facts.priority))];
}

/** An option of an element that nobody has set, such as a user. */
function notThere(path: readonly string[], error: EvaluationError): EvaluationError | undefined {
  const meaning = error.cause?.meaning;
  const at = meaning?.kind === "missing-attribute" && error.cause?.steps.length === 0 ? path.indexOf(meaning.name) : -1;
  return at < 0 ? undefined : { message: `there is no ${optionText(path.slice(0, at + 1))}`, log: error.log };
}

/** The default is a definition too, in the file that declares the option; it has its own line. */
function isDeclaredDefault(file: string, facts: Facts): boolean {
  return (
    facts.priority === null && facts.hasDefault && facts.definitions.length === 1 && facts.declarations.includes(file)
  );
}

function unused({ at, value, priority }: FoundDefinition, strongest: number | null): WhyDefinition {
  const isWeaker = priority !== undefined && strongest !== null && priority > strongest;
  return { ...at, ...defined({ value: valueText(value), priority }), state: isWeaker ? "outranked" : "not in force" };
}

async function defaultText(
  facts: Facts,
  machine: string,
  path: readonly string[],
  asking: Asking,
): Promise<string | undefined> {
  if (facts.defaultText !== null) return facts.defaultText;
  if (!facts.hasDefault) return undefined;
  const answer = await asking.ask(defaultFunction(machine, path));
  return answer.ok ? showValue(answer.value as Shown) : undefined;
}

async function noSuchOption(path: readonly string[], machine: string, asking: Asking): Promise<UsageError> {
  const parent = path.slice(0, -1);
  const inOptions = await asking.ask(namesAt(machine, parent));
  const names = inOptions.ok ? (inOptions.value as string[]) : [];
  const near = nearest(path.at(-1) ?? "", names);
  // A name that the configuration has without an option for it: an element of a free-form set.
  const inConfig = names.length > 0 ? undefined : await asking.ask(attributesAt(machine, ["config", ...parent]));
  const hint =
    near !== undefined
      ? `Did you mean ${optionText([...parent, near])}?`
      : inConfig?.ok === true && (inConfig.value as string[]).includes(path.at(-1) ?? "")
        ? `It is part of the value of an option above it: floe why ${optionText(parent)}`
        : `floe options ${path.at(-1)} searches`;
  return new UsageError(`There is no option "${optionText(path)}" on ${machine}`, { hint });
}

function cannotEvaluate(machine: string, { message, file, line, column, hint, log }: EvaluationError): NixError {
  const at = file !== undefined && line !== undefined ? { file, line, column: column ?? 1 } : undefined;
  return new NixError(`Cannot evaluate the options of ${machine}: ${message}`, {
    at,
    hint: hint ?? "floe check shows where",
    details: { phase: "eval", stderr: log.split("\n").slice(-40).join("\n") },
  });
}

/** Documentation is Markdown, sometimes DocBook. */
function oneText(text: string | null): string | undefined {
  return text === null || text.trim() === "" ? undefined : text.trim();
}
