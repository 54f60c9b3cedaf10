// @ts-check
/** Running the programs that are measured. */
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

/**
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string, at: number) => void }} ProgramOptions
 * `onLine` gets each line of stdout as it comes, with the time of `performance.now()`.
 */

/**
 * Runs a program to its end; answers its stdout and how long it took. An exit code other than 0 is an error that shows stderr.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {ProgramOptions} [options]
 * @returns {Promise<{ stdout: string, ms: number }>}
 */
export function run(program, args, { cwd, env = process.env, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env,
      ...(cwd === undefined ? {} : { cwd }),
    });
    let stdout = "";
    let stderr = "";
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      stdout += text;
      if (onLine === undefined) return;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line, performance.now());
    });
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const ms = performance.now() - begin;
      if (code === 0) resolve({ stdout, ms });
      else
        reject(
          new Error(
            `"${[program, ...args].join(" ")}" ended with ${code ?? signal}:\n${stderr.slice(-4000)}${stdout.slice(-2000)}`,
          ),
        );
    });
  });
}
