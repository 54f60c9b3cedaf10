/** Reads the options and package names of one machine with nix, and keeps what cannot be read from the rest. */

import { type EvalContext, type EvalResult, evalOutput, flakeError } from "../nix/eval.ts";
import { needsLock } from "../nix/lock.ts";
import { nixList, quoteNix } from "../nix/quote.ts";
import { isRecord } from "../util/files.ts";
import type { PackageNames } from "./dump.ts";
import { optionsNix, packagesNix } from "./dump-nix.ts";
import { PACKAGE_SETS } from "./package-types.ts";
import type { TypedMachine } from "./subject.ts";

/** What nix printed for a machine. */
export interface MachineDump {
  /** As `readTree` takes it. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly packages: PackageNames;
  /** Why the parts that were left out cannot be read. */
  readonly failures: readonly ReadFailure[];
}

/** A part that nix fails on. The path is that of an option, or the name of a set of packages below `pkgs`. */
export interface ReadFailure {
  readonly path: readonly string[];
  readonly message: string;
}

/** Types nested deeper than this are taken as any value. */
const MAX_DEPTH = 16;
/** Parts that are left out one by one, before the tree is read in pieces. */
const MAX_SKIPPED = 12;

const UNCHECKED = "{ modules = [ { _module.check = false; } ]; }";

type Path = readonly string[];
type Failure = EvalResult & { readonly ok: false };

/**
 * Reads a machine of the flake's `nixosConfigurations`, or a home: its options in one nix process, the names of its packages in another beside it.
 * Each part that cannot be read costs one process more.
 * `contextNow` is that of the flake as it is; `relock` is called when flake.lock must be brought up to date first.
 * @throws NixError when the machine's options cannot be read at all; CancelledError
 */
export async function runDump(
  contextNow: () => Promise<EvalContext>,
  { kind, name }: Pick<TypedMachine, "kind" | "name">,
  relock: () => Promise<void>,
): Promise<MachineDump> {
  const output = kind === "home" ? "homeConfigurations" : "nixosConfigurations";
  const askOf =
    (machine: string): Ask =>
    async (body) => {
      const apply = `configurations: let machine = ${machine}; in ${body}`;
      const result = await evalOutput(await contextNow(), output, apply);
      if (!needsLock(result)) return result;
      await relock();
      return evalOutput(await contextNow(), output, apply);
    };
  const machine = `configurations.${quoteNix(name)}`;
  const read = (ask: Ask) => Promise.all([readOptions(ask), leavingOut(ask, packagesOf)]);
  const checked = await read(askOf(machine));
  // A machine that sets an option which does not exist has no options, unless nobody looks; releases before 2021 always look.
  const [options, packages] = checked[0].ok ? checked : await read(askOf(`${machine}.extendModules ${UNCHECKED}`));
  if (!options.ok) throw flakeError(await contextNow(), (checked[0].ok ? options : checked[0]).failure);
  return {
    options: options.value as MachineDump["options"],
    packages: packages.ok ? (packages.value as PackageNames) : { names: [], sets: {} },
    failures: [
      ...options.failures,
      ...(packages.ok ? packages.failures : [{ path: ["pkgs"], message: packages.failure.error.message }]),
    ],
  };
}

// --- internal ---

type Ask = (body: string) => Promise<EvalResult>;
type Answer =
  | { readonly ok: true; readonly value: unknown; readonly failures: readonly ReadFailure[] }
  | { readonly ok: false; readonly failure: Failure };

function optionsOf(skip: readonly Path[]): string {
  return `(${optionsNix}) { skip = ${nixPaths(skip)}; limit = ${MAX_DEPTH}; } machine`;
}

function packagesOf(skip: readonly Path[]): string {
  return `(${packagesNix}) { skip = ${nixPaths(skip)}; sets = ${nixList(PACKAGE_SETS)}; } machine`;
}

/** Asks until an answer comes, each time without the part that the last failure's trace names. */
async function leavingOut(ask: Ask, body: (skip: readonly Path[]) => string): Promise<Answer> {
  const failures: ReadFailure[] = [];
  for (;;) {
    const result = await ask(body(failures.map(({ path }) => path)));
    if (result.ok) return { ok: true, value: result.value, failures };
    const path = culpritOf(result);
    if (path === undefined || failures.length >= MAX_SKIPPED || failures.some((known) => equal(known.path, path)))
      return { ok: false, failure: result };
    failures.push({ path, message: result.error.message });
  }
}

/** The innermost option or package set that nix was reading. */
function culpritOf({ error }: Failure): Path | undefined {
  const named = [...error.log.matchAll(/floe (?:option|package set) (\[".*?"\])(?=\s|$|')/g)].flatMap((match) =>
    parsePath(match[1] as string),
  );
  return named.reduce<Path | undefined>(
    (longest, path) => (path.length > (longest?.length ?? 0) ? path : longest),
    undefined,
  );
}

/** All options at once; for a failure that names none of them, the halves of the top level, until what fails stands alone. */
async function readOptions(ask: Ask): Promise<Answer> {
  const whole = await leavingOut(ask, optionsOf);
  if (whole.ok) return whole;
  const names = await ask("builtins.attrNames machine.options");
  return names.ok && Array.isArray(names.value)
    ? readPart(ask, names.value as string[], names.value as string[])
    : whole;
}

async function readPart(
  ask: Ask,
  wanted: readonly string[],
  all: readonly string[],
): Promise<Answer & { readonly ok: true }> {
  const others = all.filter((name) => !wanted.includes(name)).map((name) => [name]);
  const answer = await leavingOut(ask, (skip) => optionsOf([...others, ...skip]));
  if (answer.ok) return { ...answer, value: pick(answer.value, wanted) };
  if (wanted.length <= 1) {
    const value = Object.fromEntries(wanted.map((name) => [name, { hole: "it cannot be evaluated" }]));
    return { ok: true, value, failures: [{ path: wanted, message: answer.failure.error.message }] };
  }
  const middle = Math.ceil(wanted.length / 2);
  const first = await readPart(ask, wanted.slice(0, middle), all);
  const second = await readPart(ask, wanted.slice(middle), all);
  return {
    ok: true,
    value: { ...(first.value as object), ...(second.value as object) },
    failures: [...first.failures, ...second.failures],
  };
}

function pick(tree: unknown, names: readonly string[]): Record<string, unknown> {
  const record = isRecord(tree) ? tree : {};
  return Object.fromEntries(names.filter((name) => name in record).map((name) => [name, record[name]]));
}

function parsePath(text: string): Path[] {
  try {
    return [JSON.parse(text) as Path];
  } catch {
    return [];
  }
}

function equal(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}

function nixPaths(paths: readonly Path[]): string {
  return `[ ${paths.map(nixList).join(" ")} ]`;
}
