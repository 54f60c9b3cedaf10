/**
 * The environment of a dev shell as a file for bash, made from what `nix print-dev-env --json` tells. The same variables as in `nix develop`, but no folder
 * is made for each entry, and the user's own PATH, TMPDIR and HOME stay.
 */
import { isRecord } from "../util/files.ts";
import { quoteWord } from "../util/quote-word.ts";

/** What nix tells: variables by name, functions of bash by name. */
export interface DevEnv {
  readonly variables: Readonly<Record<string, DevVariable>>;
  readonly functions: Readonly<Record<string, string>>;
}

export type DevVariable =
  | { readonly type: "exported" | "var"; readonly value: string }
  | { readonly type: "array"; readonly value: readonly string[] }
  | { readonly type: "associative"; readonly value: Readonly<Record<string, string>> };

/** @throws SyntaxError when it is no answer of `print-dev-env --json` */
export function readDevEnv(text: string): DevEnv {
  const json: unknown = JSON.parse(text);
  if (!isRecord(json) || !isRecord(json["variables"])) throw new SyntaxError("An environment was expected");
  const functions = isRecord(json["bashFunctions"]) ? json["bashFunctions"] : {};
  return {
    variables: Object.fromEntries(
      Object.entries(json["variables"]).flatMap(([name, value]) => (isVariable(value) ? [[name, value]] : [])),
    ),
    functions: Object.fromEntries(Object.entries(functions).map(([name, body]) => [name, String(body)])),
  };
}

export interface EnvFileOptions {
  /** Of the shell; it is in `$FLOE_SHELL`, for prompts. */
  readonly name: string;
  /** The project's folder; it is in `$FLOE_PROJECT`. */
  readonly root: string;
}

/** What bash sources to enter. The hook is run last, as nix does. */
export function envFile({ variables, functions }: DevEnv, { name, root }: EnvFileOptions): string {
  const own = Object.entries(variables).filter(([key]) => !notTaken.has(key) && !joined.includes(key));
  return [
    "# Made by floe: the environment of a dev shell, for bash.",
    "unset shellHook",
    ...own.map(([key, variable]) => assignment(key, variable)),
    ...joined.flatMap((key) => joinedTo(key, variables[key])),
    ...Object.entries(functions).map(([key, body]) => `${key} () {${body}}`),
    `export FLOE_SHELL=${quoteWord(name)} FLOE_PROJECT=${quoteWord(root)}`,
    'eval "${shellHook:-}"',
    "",
  ].join("\n");
}

/** The bash that nix read the environment with: it understands all that is in it. */
export function bashOf({ variables }: DevEnv): string | undefined {
  const bash = variables["BASH"];
  return bash !== undefined && typeof bash.value === "string" && bash.value.startsWith("/") ? bash.value : undefined;
}

// --- internal ---

/** What belongs to the user, to bash itself, or to the sandbox in which nix looked. */
const notTaken: ReadonlySet<string> = new Set(
  (
    "BASH BASHOPTS BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND BASH_LINENO BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO BASH_VERSION " +
    "COMP_WORDBREAKS DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD HOME HOSTNAME HOSTTYPE IFS LINENO MACHTYPE NIX_BUILD_TOP " +
    "NIX_ENFORCE_PURITY NIX_LOG_FD NIX_REMOTE OLDPWD OPTERR OPTIND OSTYPE PIPESTATUS PPID PS4 PWD RANDOM SECONDS SHELL SHELLOPTS SHLVL SRANDOM " +
    "SSL_CERT_FILE TEMP TEMPDIR TERM TMP TMPDIR TZ UID _"
  ).split(" "),
);

/** Lists that the shell's come before the user's. */
const joined = ["PATH", "XDG_DATA_DIRS"];

function isVariable(value: unknown): value is DevVariable {
  if (!isRecord(value)) return false;
  const { type, value: content } = value;
  if (type === "exported" || type === "var") return typeof content === "string";
  return type === "array" ? Array.isArray(content) : type === "associative" && isRecord(content);
}

function assignment(name: string, { type, value }: DevVariable): string {
  if (type === "array") return `declare -a ${name}=(${value.map(quoteWord).join(" ")})`;
  if (type === "associative")
    return `declare -A ${name}=(${Object.entries(value)
      .map(([key, each]) => `[${quoteWord(key)}]=${quoteWord(each)}`)
      .join(" ")})`;
  return type === "exported" ? `export ${name}=${quoteWord(value)}` : `${name}=${quoteWord(value)}`;
}

function joinedTo(name: string, variable: DevVariable | undefined): string[] {
  if (variable === undefined || typeof variable.value !== "string" || variable.value === "") return [];
  return [`export ${name}=${quoteWord(variable.value)}"\${${name}:+:$${name}}"`];
}
