/** The built command, run as a user runs it. */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";

const BIN = path.resolve(import.meta.dirname, "../../dist/bin.mjs");

export interface FloeResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FloeRun {
  readonly pid: number;
  readonly ended: Promise<FloeResult>;
  /** Whoever reads it has seen enough. */
  closeStdout(): void;
  /** Sends a signal to floe alone. */
  kill(signal: NodeJS.Signals): void;
}

/** Starts floe in `cwd` without a terminal. `onLine` gets each whole line of stdout as it comes. */
export function startFloe(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onLine?: (line: string) => void,
  input?: string,
): FloeRun {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", FLOE_OFFLINE: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const output = { stdout: "", stderr: "" };
  if (onLine !== undefined) createInterface({ input: child.stdout }).on("line", onLine);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<FloeResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, ...output }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    closeStdout: () => void child.stdout.destroy(),
    kill: (signal) => void child.kill(signal),
  };
}

/** Runs floe to its end. */
export function floe(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input?: string,
): Promise<FloeResult> {
  return startFloe(cwd, args, env, undefined, input).ended;
}
