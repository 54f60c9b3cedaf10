/** The types of the project's TypeScript, as `tsc` judges them. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { run } from "../exec/run.ts";
import type { Problem } from "../model/plan.ts";
import { writeFileWhole } from "../util/files.ts";
import { packageRoot } from "../util/package-root.ts";

export type TypeCheck =
  /** `compiler`: for people, `typescript 7.0.2`. */
  | { readonly ran: true; readonly compiler: string; readonly problems: readonly Problem[] }
  /** No compiler was found; `hint` says how to get one. */
  | { readonly ran: false; readonly hint: string };

/**
 * Runs the project's own TypeScript, else the one that floe's folder can reach, over the project's tsconfig.json or, where there
 * is none, over its files with strict settings.
 */
export async function checkTypes(root: string, configFile: string, signal?: AbortSignal): Promise<TypeCheck> {
  const compiler = findCompiler(root) ?? findCompiler(packageRoot());
  if (compiler === undefined) return { ran: false, hint: "npm install --save-dev typescript" };
  const build = ["--incremental", "--tsBuildInfoFile", join(root, ".floe", "cache", "types.tsbuildinfo")];
  const result = await run(
    [process.execPath, compiler.file, "-p", configOf(root, configFile), "--noEmit", "--pretty", "false", ...build],
    { cwd: root, env: leaveOneProcessor(), ...(signal === undefined ? {} : { signal }) },
  );
  const problems = parseProblems(`${result.stdout}\n${result.stderr}`, root);
  const isSilent = result.exitCode !== 0 && problems.length === 0;
  const unexplained: Problem = {
    subject: "types",
    message: `tsc ended with exit code ${result.exitCode}: ${(result.stderr || result.stdout).trim() || "it printed nothing"}`,
  };
  return { ran: true, compiler: `typescript ${compiler.version}`, problems: isSilent ? [unexplained] : problems };
}

/** `FILE(LINE,COLUMN): error TS1234: MESSAGE`, further lines of the message indented below it. */
export function parseProblems(output: string, root: string): Problem[] {
  const problems: { -readonly [Key in keyof Problem]: Problem[Key] }[] = [];
  for (const line of output.split("\n")) {
    const [, file, at, column, code, message] = /^(?:(.+?)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line) ?? [];
    const last = problems.at(-1);
    if (message !== undefined) {
      const place =
        file === undefined
          ? {}
          : { file: relative(root, resolve(root, file)), line: Number(at), column: Number(column) };
      problems.push({ subject: "types", message: inWords(message) ?? `${message} (${code})`, ...place });
    } else if (last !== undefined && /^\s+\S/.test(line)) last.message += `\n${line.trim()}`;
  }
  return problems;
}

// --- internal ---

/** nix evaluates at the same time, for longer and with one thread. TypeScript 7 is made with Go, and would take all processors. */
function leaveOneProcessor(): Record<string, string> {
  return process.env["GOMAXPROCS"] === undefined ? { GOMAXPROCS: String(Math.max(1, availableParallelism() - 1)) } : {};
}

/** An unknown option in the result of a function, which the types refuse by a type that says so. */
function inWords(message: string): string | undefined {
  const name = /not assignable to type '"There is no option \\"(.+)\\" here"'/.exec(message)?.[1];
  return name === undefined ? undefined : `There is no option "${name}" here`;
}

interface Compiler {
  readonly file: string;
  readonly version: string;
}

function findCompiler(folder: string): Compiler | undefined {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve("typescript/package.json");
    const { version, bin } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string; bin: { tsc: string } };
    return { file: join(dirname(manifest), bin.tsc), version };
  } catch {
    return undefined;
  }
}

/**
 * The project's own tsconfig.json where that is enough. Else one of ours beside the caches, which takes over the project's and says
 * where the types of "floe" are when they are not installed.
 */
function configOf(root: string, configFile: string): string {
  const own = readText(join(root, "tsconfig.json"));
  if (own !== undefined && (canResolveFloe(root) || own.includes('"paths"'))) return "tsconfig.json";
  const types = join(packageRoot(), "dist", "types", "index.d.ts");
  const paths = existsSync(types) ? { paths: { floe: [types] } } : {};
  const strict = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: [],
  };
  const config =
    own === undefined
      ? {
          compilerOptions: { ...strict, noEmit: true, ...paths },
          files: [`../../${configFile}`],
          include: [...["hosts", "containers", "modules", "homes"].map((folder) => `../../${folder}`), "../types"],
        }
      : {
          extends: "../../tsconfig.json",
          compilerOptions: { noEmit: true, ...paths },
          // `**` passes over folders with a dot, and so over the rest of `.floe`.
          include: ["../../**/*.ts", "../types"],
          exclude: ["../../node_modules"],
        };
  const path = join(root, ".floe", "cache", "tsconfig.json");
  writeFileWhole(path, JSON.stringify(config));
  return path;
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function canResolveFloe(root: string): boolean {
  try {
    createRequire(join(root, "package.json")).resolve("floe");
    return true;
  } catch {
    return false;
  }
}
