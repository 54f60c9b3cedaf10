/**
 * What else is wrong with a machine. Nix stops at the first mistake; what the user's own modules set is looked at one by one here, so that all
 * of it can be told at once. Only what is certainly a mistake counts, and only where its place is known: one mistake makes others seem to be.
 */
import type { EvaluationError, EvaluationMeaning, OptionPath } from "../model/evaluation.ts";
import type { EvalResult } from "../nix/eval.ts";
import { uncheckedMachine } from "../nix/option-names.ts";
import { nixList } from "../nix/quote.ts";
import { leafPaths } from "./definitions.ts";
import { type ExplainContext, explain } from "./explain.ts";

/** The mistakes beside `first`, which is the error as nix told it; none when nix cannot say. */
export async function findFurther(first: EvaluationError, context: ExplainContext): Promise<EvaluationError[]> {
  if (first.cause === undefined || !certain.has(first.cause.meaning.kind)) return [];
  const errors = await context
    .asking((asking) => {
      const isUnknown = first.cause?.meaning.kind === "unknown-option";
      const ask = isUnknown ? asking.askUnchecked : asking.ask;
      return lookAtEach(first, context, (fn) => ask(fn, context.output));
    })
    .catch(() => []);
  const explained = await Promise.all(errors.map((error) => explain(error, context)));
  return explained.filter(({ line }) => line !== undefined);
}

/** Whether two errors are the same to a reader. */
export function errorKey({ message, file, line, column }: EvaluationError): string {
  return JSON.stringify([message, file, line, column]);
}

// --- internal ---

/** Nix may say more that is wrong only because of the mistake, or that nobody will ask for: a package that is not free. */
const certain: ReadonlySet<EvaluationMeaning["kind"]> = new Set([
  "wrong-type",
  "unknown-option",
  "conflict",
  "not-a-group",
  "missing-attribute",
  "assertions",
]);

/** An attribute that is missing ends nix each time; what is left is asked for again. */
const mostRounds = 4;
/** Each takes an evaluation of its own for its words. */
const mostFailures = 8;

type Ask = (fn: string) => Promise<EvalResult>;

/** What became of each path: how many of its names are declared when the next one is not, or whether its value fails. */
interface Looked {
  readonly paths: readonly ("good" | "fails" | number)[];
  readonly assertions: readonly string[];
}

async function lookAtEach(first: EvaluationError, context: ExplainContext, ask: Ask): Promise<EvaluationError[]> {
  // The message of an assertion is only there to be told when that fails.
  const paths = uniquePaths(context.modules.flatMap(leafPaths)).filter(([name]) => name !== "assertions");
  const found: EvaluationError[] = [];
  let left = withoutFailing(paths, first);
  let looked: Looked | undefined;
  for (let round = 0; round < mostRounds && looked === undefined; round++) {
    const answer = await ask(lookFunction(context.machine, left));
    if (answer.ok) looked = answer.value as Looked;
    else {
      found.push(answer.error);
      const rest = withoutFailing(left, answer.error);
      if (rest.length === left.length) break;
      left = rest;
    }
  }
  const failing = left.filter((_, index) => looked?.paths[index] === "fails").slice(0, mostFailures);
  for (const path of failing) {
    const answer = await ask(valueFunction(context.machine, path));
    if (!answer.ok) found.push(answer.error);
  }
  const isOfUse = ({ cause }: EvaluationError) => cause !== undefined && certain.has(cause.meaning.kind);
  return [...unknownOptions(left, looked, context), ...found.filter(isOfUse), ...failedAssertions(looked)];
}

/** nix's error tells which options it was at. */
function withoutFailing(paths: readonly OptionPath[], { cause }: EvaluationError): readonly OptionPath[] {
  const meaning = cause?.meaning;
  const named = meaning !== undefined && "option" in meaning && meaning.option !== undefined ? [meaning.option] : [];
  const at = [...named, ...(cause?.options ?? [])];
  return paths.filter((path) => !at.some((option) => option.every((name, index) => path[index] === name)));
}

function uniquePaths(paths: readonly OptionPath[]): OptionPath[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

function unknownOptions(
  paths: readonly OptionPath[],
  looked: Looked | undefined,
  { modules }: ExplainContext,
): EvaluationError[] {
  const unknown = paths.flatMap((path, index) => {
    const known = looked?.paths[index];
    return typeof known === "number" ? [path.slice(0, known + 1)] : [];
  });
  return uniquePaths(unknown).map((option) => {
    const own = modules.filter((module) =>
      leafPaths(module).some((path) => option.every((name, index) => path[index] === name)),
    );
    const definitions = own.map(({ source }) => ({ file: source.file }));
    return errorOf({ kind: "unknown-option", option, definitions });
  });
}

function failedAssertions(looked: Looked | undefined): EvaluationError[] {
  return (looked?.assertions ?? []).map((message) => errorOf({ kind: "assertions", messages: [message] }));
}

/** An error that nix would tell if it came to it. */
function errorOf(meaning: EvaluationMeaning): EvaluationError {
  return { message: "", log: "", cause: { meaning, options: [], steps: [] } };
}

/** Bindings: `forced PATH` evaluates what an option of the machine holds there, `declared PATH` is how many of its names are declared, or null for all. */
function machineNix(machine: string): string {
  return `
    machine = ${uncheckedMachine(machine)};
    isOption = value: builtins.isAttrs value && (value._type or null) == "option";
    isOpen = (machine.options._module.freeformType.value or null) != null;
    declaredIn = set: path: count:
      if path == [ ] || isOption set || !(builtins.isAttrs set) then null
      else if set ? \${builtins.head path} then declaredIn set.\${builtins.head path} (builtins.tail path) (count + 1)
      else if isOpen then null else count;
    declared = path: declaredIn machine.options path 0;
    # Packages are values of their own: what is in them is nobody's definition.
    force = depth: value:
      if builtins.isList value then builtins.foldl' (done: item: builtins.seq (force depth item) done) null value
      else if !(builtins.isAttrs value) || depth == 0 || (value.type or null) == "derivation" then builtins.seq value null
      else force (depth - 1) (builtins.attrValues value);
    inside = value: path:
      if path == [ ] then force 3 value
      else if builtins.isAttrs value && value ? \${builtins.head path} then inside value.\${builtins.head path} (builtins.tail path)
      else null;
    forcedIn = set: path:
      if isOption set then inside (set.value or null) path
      else if path == [ ] then null
      else forcedIn set.\${builtins.head path} (builtins.tail path);
    forced = forcedIn machine.options;`;
}

function lookFunction(machine: string, paths: readonly OptionPath[]): string {
  return `machines: let ${machineNix(machine)}
    look = path:
      if declared path != null then declared path
      else if (builtins.tryEval (forced path)).success then "good" else "fails";
    # Those that can be decided.
    failed = assertion:
      let holds = builtins.tryEval assertion.assertion; message = builtins.tryEval (builtins.seq assertion.message assertion.message); in
      if holds.success && !holds.value && message.success then [ message.value ] else [ ];
    all = builtins.tryEval (machine.options.assertions.value or [ ]);
  in {
    paths = map look [ ${paths.map(nixList).join(" ")} ];
    assertions = if all.success then builtins.concatMap failed all.value else [ ];
  }`;
}

function valueFunction(machine: string, path: OptionPath): string {
  return `machines: let ${machineNix(machine)} in forced ${nixList(path)}`;
}
