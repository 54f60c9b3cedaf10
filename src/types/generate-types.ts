/** `floe types`: reads the options and packages of the project's machines, and writes them as TypeScript declarations. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NixError } from "../errors.ts";
import type { TakenOver } from "../model/taken-over.ts";
import type { EvalContext } from "../nix/eval.ts";
import { inExistingFlake } from "../nix/evaluate-flake.ts";
import type { NixTool } from "../nix/find.ts";
import { lockProject } from "../nix/lock.ts";
import { checkNetwork } from "../nix/network.ts";
import { stageProject } from "../nix/stage.ts";
import type { Emit } from "../report/events.ts";
import { withFileLock } from "../util/file-lock.ts";
import { isRecord, readCache, writeCache, writeFileWhole } from "../util/files.ts";
import { mapLimit } from "../util/map-limit.ts";
import { listHoles, listOptions, type OptionDump, type PackageNames } from "./dump.ts";
import { generateDeclarations } from "./generate.ts";
import { mergeOptions, mergePackages } from "./merge.ts";
import { type ReadLines, readTree } from "./read-tree.ts";
import { dumpFile, lockHash, recallDump } from "./recall-dump.ts";
import { type MachineDump, type ReadFailure, runDump } from "./run-dump.ts";
import { representatives, type TypedMachine, type TypeSubject, typesKey } from "./subject.ts";

export interface GenerateTypesOptions {
  readonly nix: NixTool;
  /** The project's folder, absolute. */
  readonly root: string;
  /** The folder whose flake is read; default: the project itself, with its flake written. */
  readonly flakeRoot?: string;
  /** `.floe/cache` of the project. */
  readonly cacheDir: string;
  readonly subject: TypeSubject;
  /** The flake is not floe's: where the machines are in it. */
  readonly taken?: TakenOver | undefined;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  /** Read everything, also when nothing seems to have changed. */
  readonly fresh?: boolean;
  /** Read only this machine, and add what it has to what was read before. */
  readonly only?: string | undefined;
}

/** What `floe types` did. */
export interface GeneratedTypes {
  /** The written files, relative to the project. */
  readonly files: readonly string[];
  /** The machines and homes that were read. */
  readonly machines: readonly ReadMachine[];
  /** Of all together. */
  readonly optionCount: number;
  readonly packageCount: number;
  /** True when the files were up to date and no nix ran. */
  readonly fromCache: boolean;
  readonly ms: number;
}

/** What came of one machine. */
export interface ReadMachine {
  readonly kind: TypedMachine["kind"];
  readonly name: string;
  /** Machines that import the same, and so were not read. */
  readonly like: readonly string[];
  readonly optionCount: number;
  /** What could not be read, and is untyped. */
  readonly holes: readonly ReadFailure[];
  /** Why nothing of it could be read. */
  readonly error?: string;
  readonly ms: number;
}

/** Machines that are read at once, by two processes of up to 300 MB each. */
const AT_ONCE = 1;

/**
 * Brings `.floe/types` and the options in `.floe/cache` up to date. Without machines, or with a project whose flake does not evaluate, nothing is
 * written and the types stay as they were.
 * @throws NixError when a machine's options cannot be read at all; CancelledError
 */
export async function generateTypes(options: GenerateTypesOptions): Promise<GeneratedTypes> {
  const { cacheDir, signal, flakeRoot = options.root } = options;
  const started = performance.now();
  return withFileLock(join(cacheDir, "evaluate.lock"), { signal }, async () => {
    const stage = await stageProject({ ...options, root: flakeRoot });
    const key = typesKey(stage.path, options.subject, options.nix);
    const known = options.fresh === true || options.only !== undefined ? undefined : recall(options, key);
    const result = known ?? (await readAndWrite(options, stage.path));
    return { ...result, fromCache: known !== undefined, ms: Math.round(performance.now() - started) };
  });
}

/** What was done before, when nothing that declares options has changed since; starts no nix. */
export async function recallTypes(options: GenerateTypesOptions): Promise<GeneratedTypes | undefined> {
  const { root, cacheDir, signal, subject, nix } = options;
  const started = performance.now();
  const stage = await withFileLock(join(cacheDir, "evaluate.lock"), { signal }, () => stageProject(options));
  const known = recall({ root, cacheDir }, typesKey(stage.path, subject, nix));
  return known && { ...known, fromCache: true, ms: Math.round(performance.now() - started) };
}

/** The folder of the declarations, relative to the project; a tsconfig.json includes it. */
export const TYPES_FOLDER = ".floe/types";

// --- internal ---

type Result = Omit<GeneratedTypes, "fromCache" | "ms">;

async function readAndWrite(options: GenerateTypesOptions, stage: string): Promise<Result> {
  const { nix, cacheDir, subject, signal, only, flakeRoot: root = options.root } = options;
  const plain: EvalContext = {
    ...{ nix, network: await checkNetwork(nix), stage, signal },
    emit: withoutMessages(options.emit),
  };
  let context = inExistingFlake(plain, options.taken);
  let locked: Promise<void> | undefined;
  const relock = (): Promise<void> =>
    (locked ??= lockProject({ ...plain, root }).then(async () => {
      await stageProject({ ...options, root });
      context = inExistingFlake(plain, options.taken);
    }));
  const all = only === undefined ? subject.machines : subject.machines.filter(({ name }) => name === only);
  const machines = representatives(all);
  const lines = lineReader();
  options.emit({ type: "phase.start", phase: "types", count: machines.length });
  const attempts = await mapLimit(machines, AT_ONCE, (machine) =>
    attempt(machine, lines, () => runDump(() => context, machine, relock)),
  ).finally(() => options.emit({ type: "phase.end", phase: "types", ok: true }));
  const [first] = attempts;
  if (first !== undefined && attempts.every(({ dump }) => dump === undefined)) throw first.failure;
  // Of what cannot be read now, what was known before is better than nothing.
  const isWhole = only === undefined && attempts.every(({ dump }) => dump !== undefined);
  const before = isWhole ? undefined : recallDump(cacheDir);
  const dump = toDump(attempts, before, lockHash(root));
  const files = write(options.root, dump);
  const result = { files, machines: attempts.map(({ read }) => read), ...count(dump) };
  writeCache(dumpFile(cacheDir), dump);
  if (isWhole) writeCache(metaFile(cacheDir), { key: typesKey(stage, subject, nix), result });
  return result;
}

/** One machine's options, or why there are none: those of the others are still worth having. */
interface Attempt {
  readonly read: ReadMachine;
  readonly dump?: { readonly options: Options; readonly packages: PackageNames };
  readonly failure?: NixError;
}

type Options = OptionDump["options"];

async function attempt(
  { kind, name, like }: ReturnType<typeof representatives>[number],
  lines: ReadLines,
  run: () => Promise<MachineDump>,
): Promise<Attempt> {
  const started = performance.now();
  const facts = () => ({ kind, name, like, ms: Math.round(performance.now() - started) });
  try {
    const raw = await run();
    const options = readTree(raw.options, lines);
    const holes = holesOf(options, raw.failures);
    return { read: { ...facts(), optionCount: countOptions(options), holes }, dump: { ...raw, options } };
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    return { read: { ...facts(), optionCount: 0, holes: [], error: error.message }, failure: error };
  }
}

function toDump(attempts: readonly Attempt[], before: OptionDump | undefined, lock: string): OptionDump {
  const ofKind = (isHome: boolean): Options[] =>
    attempts.flatMap(({ read, dump }) =>
      dump !== undefined && (read.kind === "home") === isHome ? [dump.options] : [],
    );
  const packages = attempts.flatMap(({ dump }) => (dump === undefined ? [] : [dump.packages]));
  return {
    version: 2,
    lock,
    options: mergeOptions([...ofKind(false), ...(before === undefined ? [] : [before.options])]),
    homes: mergeOptions([...ofKind(true), ...(before === undefined ? [] : [before.homes])]),
    packages: mergePackages([...packages, ...(before === undefined ? [] : [before.packages])]),
  };
}

function write(root: string, dump: OptionDump): string[] {
  const declarations = Object.entries(generateDeclarations(dump));
  for (const [name, text] of declarations) writeFileWhole(join(root, TYPES_FOLDER, name), text);
  return declarations.map(([name]) => `${TYPES_FOLDER}/${name}`);
}

function count({ options, homes, packages }: OptionDump): { optionCount: number; packageCount: number } {
  return { optionCount: countOptions(options) + countOptions(homes), packageCount: packages.names.length };
}

function countOptions(options: Options): number {
  let count = 0;
  for (const _ of listOptions(options)) count++;
  return count;
}

/** Nix's own words where it failed, else what the tree says. */
function holesOf(options: Options, failures: readonly ReadFailure[]): ReadFailure[] {
  const told = new Map(failures.map((failure) => [JSON.stringify(failure.path), failure]));
  const inTree = [...listHoles(options)].map(({ path, reason }) => ({ path, message: reason }));
  for (const hole of inTree) if (!told.has(JSON.stringify(hole.path))) told.set(JSON.stringify(hole.path), hole);
  return [...told.values()];
}

function recall({ root, cacheDir }: Pick<GenerateTypesOptions, "root" | "cacheDir">, key: string): Result | undefined {
  const meta = readCache(metaFile(cacheDir));
  if (!isRecord(meta) || meta["key"] !== key || !isRecord(meta["result"])) return undefined;
  const result = meta["result"] as unknown as Result;
  const isThere = [...result.files.map((file) => join(root, file)), dumpFile(cacheDir)].every((file) =>
    existsSync(file),
  );
  return isThere ? result : undefined;
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
