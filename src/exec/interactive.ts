/** Programs that floe does not listen to: they have the terminal, or go on by themselves. Loads little: a command that has to be quick ends with it. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

/**
 * Hands the terminal to a program (a shell, an editor) and waits for it. Ctrl-C belongs to that program meanwhile, and what else ends floe is passed on
 * to it. Returns its exit code, 128 + n when signal n ended it. @throws MissingError when the program is not there.
 */
export async function runInteractive(argv: readonly [string, ...string[]]): Promise<number> {
  const child = spawn(argv[0], argv.slice(1), { stdio: "inherit" });
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    // The terminal has sent it to the program too.
    const listener = signal === "SIGINT" ? () => undefined : () => child.kill(signal);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", async (error) => reject((await import("./missing.ts")).notStarted(argv, undefined, error)));
      child.once("close", (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
    });
  } finally {
    for (const stop of listeners) stop();
  }
}

/** Starts a program that goes on when floe has ended; what it prints goes to a file. Whether it does well is not known here. */
export function runDetached(argv: readonly [string, ...string[]], log: string): void {
  const output = openSync(log, "w");
  const child = spawn(argv[0], argv.slice(1), { detached: true, stdio: ["ignore", output, output] });
  child.on("error", () => undefined);
  child.unref();
  closeSync(output);
}

// --- internal ---

function signalNumber(signal: NodeJS.Signals | null): number {
  return { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal as string] ?? 1;
}
