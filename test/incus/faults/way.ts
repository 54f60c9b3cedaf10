/** One instance that is updated in one way, again and again. */
import { spawn } from "node:child_process";
import type { FloeEvent } from "../../../src/report/events.ts";
import type { ApplyReport } from "../../../src/report/reduce.ts";
import type { Victim } from "./faults.ts";

export type Strategy = "swap" | "swap-warm" | "rebuild" | "in-place";

export interface Update {
  readonly report: ApplyReport;
  readonly events: readonly FloeEvent[];
}

export interface Way {
  readonly victim: () => Victim;
  /** All is as it is described, and the volume holds a number that it never held before. */
  ready(): Promise<void>;
  /** The description changes: the next apply has to serve another page. */
  edit(): void;
  apply(emit?: (event: FloeEvent) => void): Promise<Update>;
  /** An apply in a process of its own, which kills itself as the step begins. Answers its words where it did not come to it. */
  killAt(step: string): Promise<string | undefined>;
  /** The page before the edit, the one after it, or none. */
  serves(): Promise<"old" | "new" | undefined>;
  /** What contradicts: nothing is to be planned, the page is the new one, the volume is whole, nothing is left over. */
  check(): Promise<void>;
  /** What is on the volume is what was put there. */
  checkVolume(): Promise<void>;
  /** Another instance, after one of which nothing is known any more. */
  startAfresh(): void;
  close(): Promise<void>;
}

/** Answers nothing when the process killed itself, else its last words. */
export async function runUntilKilled(runner: string, argument: string): Promise<string | undefined> {
  const child = spawn(process.execPath, [runner, argument], { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.on("data", (text) => {
    words += text;
  });
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve(signal === "SIGKILL" ? undefined : `${words}ended with code ${code}`)),
  );
}
