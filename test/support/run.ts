/** Running a program in a test: its output, or an error that shows it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Answers stdout. Throws with stderr in the message when the program fails. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout } = await execFileAsync(program, args, { ...options, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
