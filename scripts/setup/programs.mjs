// @ts-check
/** Finding and running programs of this machine. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { SetupError } from "./say.mjs";

/**
 * @param {string} name
 * @param {readonly string[]} [extraFolders] searched after PATH
 * @returns {string | undefined} absolute path
 */
export function findProgram(name, extraFolders = []) {
  const folders = [
    ...(process.env.PATH ?? "").split(path.delimiter).filter(Boolean),
    "/usr/sbin",
    "/sbin",
    ...extraFolders,
  ];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/**
 * Runs a program to its end with its output shown on stderr.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, hint?: string }} [options]
 */
export function runShown(program, args, options = {}) {
  const { hint, ...spawnOptions } = options;
  const result = spawnSync(program, args, { stdio: ["ignore", 2, 2], ...spawnOptions });
  if (result.error) throw new SetupError(`Cannot run "${program}": ${result.error.message}`, hint);
  if (result.status !== 0)
    throw new SetupError(`"${[program, ...args].join(" ")}" failed with code ${result.status ?? result.signal}`, hint);
}

/**
 * As runShown, for a program that talks too much: its output is shown only when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, hint?: string }} [options]
 */
export function runQuiet(program, args, options = {}) {
  const { hint, ...spawnOptions } = options;
  const result = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024, ...spawnOptions });
  if (result.error) throw new SetupError(`Cannot run "${program}": ${result.error.message}`, hint);
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout.split("\n").slice(-20).join("\n")}${result.stderr}`);
  throw new SetupError(`"${[program, ...args].join(" ")}" failed with code ${result.status ?? result.signal}`, hint);
}

/**
 * Runs a program and answers what it printed; undefined when it failed or is not there.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {string | undefined}
 */
export function outputOf(program, args) {
  const result = spawnSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, LC_ALL: "C" },
  });
  return result.status === 0 ? result.stdout : undefined;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
