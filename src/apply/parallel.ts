/** Runs the tasks in their order, at most `limit` at once. The first that throws ends it once those that run are over. */
export async function inParallel(tasks: readonly (() => Promise<void>)[], limit: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let task = tasks[next++]; task !== undefined; task = tasks[next++]) await task();
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(limit, tasks.length) }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
