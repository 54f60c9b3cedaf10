/** The text of `--help`: for floe, and for one verb. */

import { kebab } from "./argv.ts";
import { globalFlagNames, globalFlags } from "./flags.ts";
import type { Colors } from "./render/style.ts";
import { alignColumns } from "./render/table.ts";
import { groups, type Verb } from "./verb.ts";

/** Flags that need no verb's leave. */
const builtIn: readonly (readonly [string, string])[] = [
  ["-h, --help", "Help for floe or for one verb"],
  ["-V, --version", "The version"],
];

export function renderOverview(verbs: readonly Verb[], colors: Colors): string {
  const names = alignColumns(verbs.map((verb) => [colors.cyan(verb.name), verb.command.brief]));
  const sections = groups.map((group) =>
    section(
      group,
      names.filter((_, index) => verbs[index]?.group === group),
      colors,
    ),
  );
  return [
    "One TypeScript project for your NixOS hosts and the containers that run on them.",
    "",
    `${colors.bold("Usage")}  floe VERB [ARGUMENTS] [FLAGS]`,
    "",
    ...sections.flat(),
    ...section(
      "Flags of every verb",
      flagRows(globalFlags, new Map(aliasesOf({ C: "project", y: "yes", v: "verbose" })), colors),
      colors,
    ),
    `${colors.dim("floe help VERB")} has details and examples. ${colors.dim("A selector")} is a name (web), a kind and a name (host:crown, container:web,`,
    "instance:web-1), a tag (@server) or a glob ('web-*').",
    "",
  ].join("\n");
}

export function renderVerbHelp(verb: Verb, colors: Colors): string {
  const { flags = {}, aliases: letters = {} } = verb.command.build().parameters;
  const aliases = new Map(aliasesOf(letters));
  const own = Object.fromEntries(Object.entries(flags).filter(([name]) => !globalFlagNames.has(name)));
  const shared = Object.fromEntries(Object.entries(flags).filter(([name]) => globalFlagNames.has(name)));
  return [
    `${verb.command.brief}.`,
    "",
    `${colors.bold("Usage")}  ${`floe ${verb.name} ${verb.usage}`.trimEnd()} [FLAGS]`,
    "",
    ...verb.details.flatMap((paragraph) => [...wrap(paragraph, 100), ""]),
    ...section(
      "Examples",
      alignColumns(
        verb.examples.map((example) => [colors.cyan(example.command), colors.dim(example.what)]),
        3,
      ),
      colors,
    ),
    ...(Object.keys(own).length > 0 ? section("Flags", flagRows(own, aliases, colors, false), colors) : []),
    ...section("Flags of every verb", flagRows(shared, aliases, colors), colors),
  ].join("\n");
}

/** The verbs that share a first word. */
export function renderFamilyHelp(family: string, verbs: readonly Verb[], colors: Colors): string {
  return [
    `${colors.bold("Usage")}  floe ${family} VERB [ARGUMENTS] [FLAGS]`,
    "",
    ...alignColumns(verbs.map((verb) => [`  ${colors.cyan(verb.name)}`, verb.command.brief])),
    "",
    `${colors.dim(`floe help ${family} VERB`)} has details and examples.`,
    "",
  ].join("\n");
}

// --- internal ---

interface FlagText {
  readonly kind: string;
  readonly brief: string;
  readonly placeholder?: string;
}

function aliasesOf(aliases: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(aliases).flatMap(([letter, name]) =>
    name === undefined ? [] : [[name, letter] as [string, string]],
  );
}

function flagRows(
  flags: Readonly<Record<string, FlagText>>,
  aliases: ReadonlyMap<string, string>,
  colors: Colors,
  withBuiltIn = true,
): string[] {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const letter = aliases.get(name);
    const value = flag.kind === "parsed" ? ` ${flag.placeholder ?? "VALUE"}` : "";
    return [colors.cyan(`${letter === undefined ? "    " : `-${letter}, `}--${kebab(name)}${value}`), flag.brief];
  });
  return alignColumns(withBuiltIn ? [...rows, ...builtIn.map(([flag, brief]) => [colors.cyan(flag), brief])] : rows);
}

function section(title: string, lines: readonly string[], colors: Colors): string[] {
  return [colors.bold(title), ...lines.map((line) => `  ${line}`), ""];
}

/** Breaks at spaces so that no line is longer than `width` where that can be. */
function wrap(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
