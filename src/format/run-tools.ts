/** Runs tools on files: those that changed since a tool had nothing to say about them, in batches, at the same time where no file is shared. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Tool } from "../model/tooling.ts";
import { stripAnsi } from "../util/ansi.ts";
import { mapLimit } from "../util/map-limit.ts";
import { sha256 } from "../util/sha256.ts";
import { type CleanFiles, openCleanFiles } from "./clean-files.ts";
import { findTool, identityOf, type ToolPlace } from "./find-tool.ts";
import { type Place, placeIn } from "./place-in.ts";

/** What a tool says of a file. */
export interface Finding {
  readonly file: string;
  readonly tool: string;
  /** Where in the file the tool's words say that the first of it is, where they do. */
  readonly line?: number;
  readonly column?: number;
  /** `unformatted`: it would be changed. `failed`: the tool's own words are in `output`. */
  readonly kind: "unformatted" | "failed";
  readonly output: string;
}

export interface ToolsReport {
  /** Files that tools are for. */
  readonly files: number;
  /** Files that some tool had to look at. */
  readonly looked: number;
  /** Files that were changed. */
  readonly changed: readonly string[];
  readonly findings: readonly Finding[];
  /** Tools that are not here. */
  readonly missing: readonly FloeError[];
  /** Absolute paths of those that are. */
  readonly programs?: readonly string[];
}

export interface RunTools extends ToolPlace {
  /** Files by the tools that are for them, in the order of the tools. */
  readonly assigned: ReadonlyMap<Tool, readonly string[]>;
  /** All files of the project, among which settings are looked for. */
  readonly all: readonly string[];
  /** What git knows of the content of files. */
  readonly blobs: ReadonlyMap<string, string>;
  readonly kind: "format" | "lint";
  /** True: files are changed; else tools only look. A linter that changed files has to look again: not all that it finds can be changed. */
  readonly fix: boolean;
  /** Where the files are, when that is not the project. */
  readonly filesRoot?: string;
}

/** @throws CancelledError */
export async function runTools(options: RunTools): Promise<ToolsReport> {
  const filesRoot = options.filesRoot ?? options.root;
  const blobs = filesRoot === options.root ? options.blobs : new Map();
  const clean = openCleanFiles(filesRoot, options.cacheDir, blobs);
  const looked = new Set<string>();
  const changed = new Set<string>();
  const findings: Finding[] = [];
  const missing: FloeError[] = [];
  const programs = new Set<string>();
  const running: { readonly files: ReadonlySet<string>; readonly end: Promise<void> }[] = [];
  for (const [tool, files] of options.assigned) {
    const earlier = running.filter(({ files: others }) => files.some((file) => others.has(file)));
    const end = Promise.all(earlier.map((each) => each.end)).then(() =>
      runTool(tool, files, { ...options, filesRoot, clean, looked, changed, findings, missing, programs }),
    );
    end.catch(() => {});
    running.push({ files: new Set(files), end });
  }
  try {
    await Promise.all(running.map(({ end }) => end));
  } finally {
    await Promise.allSettled(running.map(({ end }) => end));
    clean.save();
  }
  return {
    files: [...new Set([...options.assigned.values()].flat())].filter((file) => clean.hashOf(file) !== undefined)
      .length,
    looked: looked.size,
    changed: [...changed].sort(),
    findings: findings.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0)),
    missing,
    programs: [...programs],
  };
}

// --- internal ---

interface Work extends RunTools {
  readonly filesRoot: string;
  readonly clean: CleanFiles;
  readonly looked: Set<string>;
  readonly changed: Set<string>;
  readonly findings: Finding[];
  readonly missing: FloeError[];
  readonly programs: Set<string>;
}

/** A command line must not be too long for the system, and what fails is run again one by one. */
const batchFiles = 100;
/**
 * Fewer files are not shared out among processors: a tool also takes its time to begin. prettier begins in 180 ms, then takes 17 ms a file while it is
 * new to the processor. Linters read more than the file they are asked about.
 */
const aloneFiles = { format: 5, lint: 25 };

async function runTool(tool: Tool, files: readonly string[], work: Work): Promise<void> {
  const words = wordsOf(tool, work.fix);
  if (words === undefined || files.length === 0) return;
  let program: string;
  try {
    program = await findTool(tool, work);
  } catch (error) {
    if (!(error instanceof FloeError) || error.exitCode === 130) throw error;
    work.missing.push(error);
    return;
  }
  work.programs.add(program);
  const key = keyOf(tool, program, work);
  const stale = files.filter((file) => work.clean.hashOf(file) !== undefined && !work.clean.isClean(key, file));
  for (const file of stale) work.looked.add(file);
  await mapLimit(batches(stale, tool.isForOne ? 1 : aloneFiles[work.kind]), availableParallelism(), (batch) =>
    runBatch({ tool, program, words, key }, batch, work),
  );
}

/** Undefined: the tool has nothing to do with what is asked. */
function wordsOf({ fix, check }: Tool, isFix: boolean): readonly string[] | undefined {
  return isFix ? fix : (check ?? fix);
}

interface Call {
  readonly tool: Tool;
  readonly program: string;
  readonly words: readonly string[];
  readonly key: string;
}

async function runBatch(call: Call, batch: readonly string[], work: Work): Promise<void> {
  if (!work.fix && call.tool.check === undefined) {
    for (const file of batch) await compareCopy(call, file, work);
    return;
  }
  const before = batch.map((file) => work.clean.hashOf(file));
  const { exitCode, output } = await callTool(call, batch, work.filesRoot, work.signal);
  if (work.fix) {
    for (const [index, file] of batch.entries()) {
      work.clean.forget(file);
      if (work.clean.hashOf(file) !== before[index]) work.changed.add(file);
    }
  }
  if (exitCode === 0) {
    if (work.kind === "format" || !work.fix) for (const file of batch) work.clean.setClean(call.key, file);
    return;
  }
  const [only, ...others] = batch;
  if (only !== undefined && others.length === 0) {
    const isUnformatted = work.kind === "format" && !work.fix && saysUnformatted(call.tool, { exitCode, output });
    const kind = isUnformatted ? "unformatted" : "failed";
    const place = placeIn(output, only, () => readFileSync(join(work.filesRoot, only)));
    work.findings.push({ file: only, tool: call.tool.name, ...place, kind, output });
    return;
  }
  // Most tools name the files that something is wrong with: the others are probably well.
  const named = batch.filter((file) => output.includes(file));
  const rest = named.length > 0 ? batch.filter((file) => !named.includes(file)) : [];
  if (rest.length > 0) await runBatch(call, rest, work);
  for (const file of named.length > 0 ? named : batch) await runBatch(call, [file], work);
}

/** A formatter that cannot only look gets a copy, in a folder beside which it finds the same settings. */
async function compareCopy(call: Call, file: string, work: Work): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "floe-format-"));
  try {
    const copy = join(folder, file);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(work.filesRoot, file), copy);
    for (const name of settingsOf(call.tool, work)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      copyFileSync(join(work.filesRoot, name), join(folder, name));
    }
    const before = work.clean.hashOf(file);
    const { exitCode, output } = await callTool(call, [file], folder, work.signal);
    const after = openCleanFiles(folder, join(folder, ".cache")).hashOf(file);
    const place = (): Place => placeIn(output, file, () => readFileSync(copy));
    if (exitCode !== 0) work.findings.push({ file, tool: call.tool.name, ...place(), kind: "failed", output });
    else if (before === after) work.clean.setClean(call.key, file);
    else work.findings.push({ file, tool: call.tool.name, kind: "unformatted", output });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Said {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Or that it could not read the file. */
function saysUnformatted({ unformatted = 1 }: Tool, { exitCode, output }: Said): boolean {
  return typeof unformatted === "number" ? exitCode === unformatted : new RegExp(unformatted, "m").test(output);
}

async function callTool(
  { tool, program, words }: Call,
  files: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<Said> {
  // A name that begins with a dash must not be a flag.
  const safe = files.map((file) => (file.startsWith("-") ? `./${file}` : file));
  const { exitCode, stdout, stderr } = await run([program, ...words, ...safe], { cwd, signal, env: { NO_COLOR: "1" } });
  // Not every tool heeds NO_COLOR.
  const output = [stdout, stderr]
    .map((text) => stripAnsi(text).trim())
    .filter(Boolean)
    .join("\n");
  const hasFailed = exitCode === 0 && tool.failure !== undefined && new RegExp(tool.failure, "m").test(output);
  return { exitCode: hasFailed ? -1 : exitCode, output };
}

/** What a tool's answer depends on beside the file. What a formatter leaves is what its check accepts. */
function keyOf(tool: Tool, program: string, work: Work): string {
  const settings = settingsOf(tool, work).map((file) => `${file} ${work.clean.hashOf(file)}`);
  return sha256(JSON.stringify([identityOf(program), wordsOf(tool, false), settings]));
}

/** Those that are there. */
function settingsOf({ settings }: Tool, { all, clean }: Work): string[] {
  const names = new Set(settings);
  return all.filter((file) => names.has(file.slice(file.lastIndexOf("/") + 1)) && clean.hashOf(file) !== undefined);
}

/** `least`: of a batch; 1 where a tool takes one file at a time. */
function batches(files: readonly string[], least: number): string[][] {
  const size =
    least === 1 ? 1 : Math.min(batchFiles, Math.max(least, Math.ceil(files.length / availableParallelism())));
  return Array.from({ length: Math.ceil(files.length / size) }, (_, index) =>
    files.slice(index * size, (index + 1) * size),
  );
}
