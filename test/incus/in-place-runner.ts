/**
 * One apply in a process of its own, which kills itself at a given step. It is bundled and started by the tests of updates in
 * place; the first argument names a file with its orders.
 */
import { readFileSync } from "node:fs";
import { applyPrepared, type Prepared } from "./in-place-support.ts";

export interface Orders {
  readonly prepared: Prepared;
  readonly crash: Crash;
}

/** `during` is some milliseconds after the step began. */
export interface Crash {
  readonly step: string;
  readonly when: "before" | "during" | "after";
}

const duringMs = 15;

const { prepared, crash } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Orders;
const die = (): void => {
  process.kill(process.pid, "SIGKILL");
};
const { report } = await applyPrepared(prepared, (event) => {
  if (event.type !== (crash.when === "after" ? "step.end" : "step.start") || event.step !== crash.step) return;
  if (crash.when === "during") setTimeout(die, duringMs);
  else die();
});
// It should not have come to this.
console.error(JSON.stringify(report.changes));
