/** One question to each host; one that fails is out, with the reason. */
import { CancelledError, FloeError } from "../errors.ts";
import type { Problem } from "../model/plan.ts";
import { defined } from "../util/defined.ts";
import { mapLimit } from "../util/map-limit.ts";
import type { ByHost } from "./open-hosts.ts";

/** Hosts that came to nothing, as problems of a plan. */
export function hostProblems(hosts: ByHost<unknown>): Problem[] {
  return [...hosts].flatMap(([name, host]) =>
    host instanceof FloeError
      ? [{ subject: `host ${name}`, message: host.message, ...defined({ hint: host.hint }) }]
      : [],
  );
}

/** Asks those that are still in, some at a time. @throws CancelledError, and what is no failure of floe's */
export async function eachHost<T, R>(
  hosts: ByHost<T>,
  ask: (host: T, name: string) => Promise<R>,
): Promise<ReadonlyMap<string, R | FloeError>> {
  const answers = await mapLimit([...hosts], askedAtOnce, async ([name, host]): Promise<[string, R | FloeError]> => {
    if (host instanceof FloeError) return [name, host];
    try {
      return [name, await ask(host, name)];
    } catch (error) {
      if (!(error instanceof FloeError) || error instanceof CancelledError) throw error;
      return [name, error];
    }
  });
  return new Map(answers);
}

// --- internal ---

/** Machines that are asked at the same time. */
const askedAtOnce = 16;
