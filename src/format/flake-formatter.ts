/** The formatter of an existing flake, as `nix fmt` runs it: one program that knows by itself which files are for it. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { readText } from "../util/files.ts";
import { sha256 } from "../util/sha256.ts";
import { listFiles } from "./files.ts";
import type { FormatRequest } from "./format-files.ts";
import type { Finding, ToolsReport } from "./run-tools.ts";

/** @throws FloeError for staged files: the program is only for the whole project, or what it is told of it */
export async function runFlakeFormatter(
  program: string,
  request: Pick<FormatRequest, "root" | "fix" | "staged" | "paths" | "signal">,
): Promise<ToolsReport> {
  const { root, fix, staged, paths, signal } = request;
  if (staged)
    throw new FloeError("The flake's formatter does not know what is staged", {
      hint: 'Name formatters by the files they are for in floe.config.ts: format: { "*.nix": "nixfmt" }',
    });
  const files = (await listFiles({ root, staged: false, paths, signal })).filter((file) => isFile(join(root, file)));
  const before = hashes(root, files);
  if (fix) {
    const failure = await format(program, root, paths, signal);
    return report(files, changedSince(before, root), failure, true);
  }
  const copy = mkdtempSync(join(tmpdir(), "floe-format-"));
  try {
    for (const file of files) copyInto(copy, root, file);
    const failure = await format(program, copy, paths, signal);
    return report(files, changedSince(before, copy), failure, false);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

// --- internal ---

const name = "nix fmt";

/** Old releases of nix give a formatter `.`, new ones nothing; with `.` formatters of both times know what is meant. */
async function format(program: string, root: string, paths: readonly string[], signal: AbortSignal) {
  const argv: [string, ...string[]] = [program, ...(paths.length === 0 ? ["."] : paths)];
  const result = await run(argv, { cwd: root, signal, plainLocale: true, env: { PRJ_ROOT: root } });
  if (result.exitCode === 0) return undefined;
  return `${result.stdout}${result.stderr}`.trim() || `It ended with ${result.exitCode ?? result.signal}`;
}

function report(
  files: readonly string[],
  changed: readonly string[],
  failure: string | undefined,
  fix: boolean,
): ToolsReport {
  const unformatted = changed.map((file): Finding => ({ file, tool: name, kind: "unformatted", output: "" }));
  const failed: Finding[] = failure === undefined ? [] : [{ file: ".", tool: name, kind: "failed", output: failure }];
  return {
    files: files.length,
    looked: files.length,
    changed: fix ? changed : [],
    findings: fix ? failed : [...unformatted, ...failed],
    missing: [],
  };
}

function hashes(root: string, files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(files.map((file) => [file, hashOf(join(root, file))]));
}

function changedSince(before: ReadonlyMap<string, string>, root: string): string[] {
  return [...before].filter(([file, hash]) => hashOf(join(root, file)) !== hash).map(([file]) => file);
}

function hashOf(path: string): string {
  return sha256(readText(path) ?? "");
}

function copyInto(copy: string, root: string, file: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  copyFileSync(join(root, file), join(copy, file));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
