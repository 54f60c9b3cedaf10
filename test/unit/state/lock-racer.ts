/** One of several threads that want the same dead locks, each at the same moment as the others. */
import { parentPort, workerData } from "node:worker_threads";
import { LockedError } from "../../../src/errors.ts";
import { acquireLock } from "../../../src/state/lock.ts";

const { roots, gates, racers } = workerData as { roots: readonly string[]; gates: Int32Array; racers: number };
parentPort?.postMessage(
  roots.map((root, round) => {
    // The last one to come opens the gate.
    if (Atomics.add(gates, round, 1) === racers - 1) Atomics.notify(gates, round);
    else
      for (let count = Atomics.load(gates, round); count < racers; count = Atomics.load(gates, round))
        Atomics.wait(gates, round, count);
    return tryLock(root);
  }),
);

function tryLock(root: string): string | null {
  try {
    return acquireLock(root, "apply").holder.token;
  } catch (error) {
    if (error instanceof LockedError) return null;
    throw error;
  }
}
