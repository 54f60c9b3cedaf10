/** The command line before stricli sees it: help, version, and global flags that stand before the verb. */
import { UsageError } from "../errors.ts";
import { globalAliases, globalFlags } from "./flags.ts";

export type Request =
  | { readonly kind: "help"; readonly verb?: string }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly argv: readonly string[] };

/**
 * What the command line asks for. `-C DIR plan` becomes `plan -C DIR`, because stricli knows flags only after a verb.
 * `families` are the first words of verbs of two words, as in `image list`; `silent` those that are no verbs by themselves.
 * @throws UsageError for a word that looks like a flag but cannot be one (`--x`, `--out=`), which stricli would take for an argument.
 */
export function readArgv(
  argv: readonly string[],
  families: ReadonlySet<string> = new Set(),
  silent: ReadonlySet<string> = families,
): Request {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const { leading, rest } = splitLeadingFlags(argv);
  const [verb, count] = firstVerb(rest, families);
  if (verb === "help") {
    return rest[1] === undefined
      ? { kind: "help" }
      : { kind: "help", verb: firstVerb(rest.slice(1), families)[0] ?? "" };
  }
  if (words.includes("--help") || words.includes("-h")) {
    return verb === undefined || verb.startsWith("-") ? { kind: "help" } : { kind: "help", verb };
  }
  if (verb === "--version" || verb === "-V") return { kind: "version" };
  if (verb === undefined) return { kind: "help" };
  // A family that is no verb by itself: its verbs are shown.
  if (silent.has(verb)) return { kind: "help", verb };
  words.forEach(refuseOddFlag);
  return { kind: "run", argv: [...rest.slice(0, count), ...leading, ...rest.slice(count)] };
}

/** Global flags before the verb, with their values, and everything from the verb on. */
export function splitLeadingFlags(argv: readonly string[]): { leading: string[]; rest: readonly string[] } {
  const leading: string[] = [];
  let index = 0;
  while (index < argv.length) {
    const word = argv[index] as string;
    if (!isGlobalFlag(word)) break;
    leading.push(word);
    index += 1;
    const next = argv[index];
    if (takesValue(word) && next !== undefined) {
      leading.push(next);
      index += 1;
    }
  }
  return { leading, rest: argv.slice(index) };
}

/** The verb and how many words it has. */
function firstVerb(rest: readonly string[], families: ReadonlySet<string>): [verb: string | undefined, words: number] {
  const [first, second] = rest;
  const isTwo = first !== undefined && families.has(first) && second !== undefined && !second.startsWith("-");
  return isTwo ? [`${first} ${second}`, 2] : [first, 1];
}

const byWord = new Map<string, keyof typeof globalFlags>([
  ...(Object.keys(globalFlags) as (keyof typeof globalFlags)[]).map((name) => [`--${kebab(name)}`, name] as const),
  ...Object.entries(globalAliases).map(([letter, name]) => [`-${letter}`, name] as const),
]);

function isGlobalFlag(word: string): boolean {
  return byWord.has(word.replace(/=.*$/s, ""));
}

/** Whether the next word is its value: `-C`, `--project`; not `--project=DIR`. */
export function takesValue(word: string): boolean {
  const name = byWord.get(word);
  return name !== undefined && globalFlags[name].kind === "parsed";
}

function refuseOddFlag(word: string): void {
  if (!word.startsWith("-") || word === "-") return;
  if (/^-[a-z]+$/i.test(word) || /^-[a-z]=./i.test(word) || /^--[a-z][a-z-.\d_]+(=.+)?$/is.test(word)) return;
  if (/^--?[a-z][^=]*=$/i.test(word)) throw new UsageError(`The flag ${word.slice(0, -1)} has no value after "="`);
  throw new UsageError(`There is no flag "${word}"`, {
    hint: "floe --help lists the flags; put -- before words that only look like flags",
  });
}

/** `exitCode` → `exit-code`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
