import { desiredOf, instanceChanges, type Run } from "../run.ts";

/** Builds the systems that instances are about to be switched to, all at once, before any of them is touched. */
export async function buildSystems({ plan, input, context, record }: Run): Promise<void> {
  if (input.systems === undefined || context.signal.aborted) return;
  const changes = instanceChanges(plan).filter(
    ({ action, method, address }) =>
      action !== "none" && method !== "delete" && record.outcomeOf(address) === undefined,
  );
  const containers = changes
    .filter((change) => desiredOf(input, change).image.system !== undefined)
    .map(({ container }) => container);
  if (containers.length > 0) await input.systems.build([...new Set(containers)]);
}
