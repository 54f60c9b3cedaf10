/** Work that waits for other work. */

export interface Task {
  readonly id: string;
  /** Ids of tasks that must be over, well or not; unknown ones are no reason to wait. */
  readonly after: readonly string[];
  run(): Promise<void>;
}

/**
 * Runs every task as soon as those it waits for are over, at most `limit` at once; among those that may run, the earlier ones
 * in the list first. A task that throws ends it once those that run are over.
 */
export async function runInOrder(tasks: readonly Task[], limit: number): Promise<void> {
  const left = new Set(tasks.map(({ id }) => id));
  const waiting = [...tasks];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  while (waiting.length + running.size > 0) {
    const free = waiting.findIndex(({ after }) => after.every((id) => !left.has(id)));
    if (free >= 0 && running.size < limit && failures.length === 0) {
      const [task] = waiting.splice(free, 1) as [Task];
      const run = task
        .run()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          left.delete(task.id);
          running.delete(run);
        });
      running.add(run);
    } else if (running.size > 0) await Promise.race(running);
    else if (failures.length > 0) break;
    else throw new Error(`These wait for each other: ${[...left].join(", ")}`);
  }
  if (failures.length > 0) throw failures[0];
}
