/** `floe types`: reads the options and packages of the project's machines, and writes them as TypeScript declarations. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NixError } from "../errors.ts";
import type { EvalContext } from "../nix/eval.ts";
import type { NixTool } from "../nix/find.ts";
import { lockProject } from "../nix/lock.ts";
import { checkNetwork } from "../nix/network.ts";
import { stageProject } from "../nix/stage.ts";
import type { Emit } from "../report/events.ts";
import { withFileLock } from "../util/file-lock.ts";
import { isRecord, readCache, writeCache, writeFileWhole } from "../util/files.ts";
import { mapLimit } from "../util/map-limit.ts";
import { listHoles, listOptions, type OptionDump } from "./dump.ts";
import { generateDeclarations } from "./generate.ts";
import { mergeOptions, mergePackages } from "./merge.ts";
import { type ReadLines, readTree } from "./read-tree.ts";
import { type MachineDump, type ReadFailure, runDump } from "./run-dump.ts";
import { representatives, type TypeSubject, typesKey } from "./subject.ts";

export interface GenerateTypesOptions {
  readonly nix: NixTool;
  /** The project's folder, absolute; its flake is written already. */
  readonly root: string;
  /** `.floe/cache` of the project. */
  readonly cacheDir: string;
  readonly subject: TypeSubject;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  /** Read everything, also when nothing seems to have changed. */
  readonly fresh?: boolean;
}

/** What `floe types` did. */
export interface GeneratedTypes {
  /** The written files, relative to the project. */
  readonly files: readonly string[];
  /** The machines that were read; the others have the same modules as one of them. */
  readonly machines: readonly string[];
  readonly optionCount: number;
  readonly packageCount: number;
  /** What could not be read, and is untyped. */
  readonly holes: readonly ReadFailure[];
  /** True when the files were up to date and no nix ran. */
  readonly fromCache: boolean;
}

/** Machines that are read at once, by two processes of up to 300 MB each. */
const AT_ONCE = 1;

/**
 * Brings `.floe/types` and the options in `.floe/cache` up to date. Without machines, or with a project whose flake does not evaluate, nothing is
 * written and the types stay as they were.
 * @throws NixError when a machine's options cannot be read at all; CancelledError
 */
export async function generateTypes(options: GenerateTypesOptions): Promise<GeneratedTypes> {
  const { cacheDir, signal } = options;
  return withFileLock(join(cacheDir, "evaluate.lock"), { signal }, async () => {
    const stage = await stageProject(options);
    const known =
      options.fresh === true ? undefined : recall(options, typesKey(stage.path, options.subject, options.nix));
    return known ?? readAndWrite(options, stage.path);
  });
}

/** The options that `floe types` read last; undefined when it has not run. */
export function recallDump(cacheDir: string): OptionDump | undefined {
  const dump = readCache(dumpFile(cacheDir));
  return isRecord(dump) && dump["version"] === 1 ? (dump as unknown as OptionDump) : undefined;
}

/** The folder of the declarations, relative to the project; a tsconfig.json includes it. */
export const TYPES_FOLDER = ".floe/types";

// --- internal ---

async function readAndWrite(options: GenerateTypesOptions, stage: string): Promise<GeneratedTypes> {
  const { nix, root, cacheDir, subject, signal } = options;
  const network = await checkNetwork(nix);
  const context: EvalContext = { nix, network, stage, emit: withoutMessages(options.emit), signal };
  let locked: Promise<void> | undefined;
  const relock = (): Promise<void> =>
    (locked ??= lockProject({ ...context, root }).then(async () => void (await stageProject(options))));
  const machines = representatives(subject.machines);
  const attempts = await mapLimit(machines, AT_ONCE, (name) => attempt(name, () => runDump(context, name, relock)));
  const dumps = attempts.flatMap((made) => ("dump" in made ? [made.dump] : []));
  const [first] = attempts;
  if (dumps.length === 0 && first !== undefined && "error" in first) throw first.error;
  const dump = toDump(machines, dumps);
  const files = write(root, dump);
  const result = { files, machines, ...count(dump), holes: holesOf(dump, attempts.flatMap(failuresOf)) };
  writeCache(dumpFile(cacheDir), dump);
  writeCache(metaFile(cacheDir), { key: typesKey(stage, subject, nix), result });
  return { ...result, fromCache: false };
}

/** One machine's options, or why there are none: those of the others are still worth having. */
type Attempt =
  | { readonly machine: string; readonly dump: MachineDump }
  | { readonly machine: string; readonly error: NixError };

async function attempt(machine: string, read: () => Promise<MachineDump>): Promise<Attempt> {
  try {
    return { machine, dump: await read() };
  } catch (error) {
    if (error instanceof NixError) return { machine, error };
    throw error;
  }
}

function failuresOf(made: Attempt): readonly ReadFailure[] {
  return "dump" in made
    ? made.dump.failures
    : [{ path: ["nixosConfigurations", made.machine], message: made.error.message }];
}

function toDump(machines: readonly string[], dumps: readonly MachineDump[]): OptionDump {
  const lines = lineReader();
  return {
    version: 1,
    machines,
    options: mergeOptions(dumps.map((dump) => readTree(dump.options, lines))),
    packages: mergePackages(dumps.map((dump) => dump.packages)),
  };
}

function write(root: string, dump: OptionDump): string[] {
  const declarations = Object.entries(generateDeclarations(dump));
  for (const [name, text] of declarations) writeFileWhole(join(root, TYPES_FOLDER, name), text);
  return declarations.map(([name]) => `${TYPES_FOLDER}/${name}`);
}

function count(dump: OptionDump): { optionCount: number; packageCount: number } {
  let optionCount = 0;
  for (const _ of listOptions(dump.options)) optionCount++;
  return { optionCount, packageCount: dump.packages.names.length };
}

/** Nix's own words where it failed, else what the tree says. */
function holesOf(dump: OptionDump, failures: readonly ReadFailure[]): ReadFailure[] {
  const told = new Map(failures.map((failure) => [JSON.stringify(failure.path), failure]));
  const inTree = [...listHoles(dump.options)].map(({ path, reason }) => ({ path, message: reason }));
  for (const hole of inTree) if (!told.has(JSON.stringify(hole.path))) told.set(JSON.stringify(hole.path), hole);
  return [...told.values()];
}

function recall({ root, cacheDir }: GenerateTypesOptions, key: string): GeneratedTypes | undefined {
  const meta = readCache(metaFile(cacheDir));
  if (!isRecord(meta) || meta["key"] !== key || !isRecord(meta["result"])) return undefined;
  const result = meta["result"] as unknown as Omit<GeneratedTypes, "fromCache">;
  const isThere = [...result.files.map((file) => join(root, file)), dumpFile(cacheDir)].every((file) =>
    existsSync(file),
  );
  return isThere ? { ...result, fromCache: true } : undefined;
}

function dumpFile(cacheDir: string): string {
  return join(cacheDir, "options.json");
}

function metaFile(cacheDir: string): string {
  return join(cacheDir, "types.json");
}

/** Reads each source once, and looks only at the lines that are asked for. */
function lineReader(): ReadLines {
  const sources = new Map<string, Source>();
  return (file, line) => {
    const source = sources.get(file) ?? readSource(file);
    sources.set(file, source);
    const start = line === 1 ? 0 : source.breaks[line - 2];
    return start === undefined ? undefined : source.text.slice(start, source.breaks[line - 1] ?? source.text.length);
  };
}

interface Source {
  readonly text: string;
  /** Where each line but the first begins. */
  readonly breaks: readonly number[];
}

function readSource(file: string): Source {
  const text = readText(file);
  const breaks: number[] = [];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) breaks.push(at + 1);
  return { text, breaks };
}

/** The text of a source; of one that is no longer there, nothing: its defaults are not shown then. */
function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Warnings about options that are deprecated come with the evaluation of the machine; to read its options is no reason to repeat them. */
function withoutMessages(emit: Emit): Emit {
  return (event) => void (event.type !== "message" && emit(event));
}
