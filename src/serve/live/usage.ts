/** What instances use, from two looks at the time that their processors worked. */
import type { IncusInstance } from "../../incus/types.ts";
import { defined } from "../../util/defined.ts";
import type { Usage } from "../protocol.ts";

interface Look {
  /** Milliseconds, on a clock that only goes forward. */
  readonly at: number;
  /** Nanoseconds. */
  readonly cpu: number;
  readonly startedAt: string | undefined;
}

/** Remembers the look before. Two looks at the same moment are one. */
export function usageMeter(): (address: string, instance: IncusInstance, at: number) => Usage {
  const looks = new Map<string, { readonly look: Look; readonly usage: Usage }>();
  return (address, { state }, at) => {
    const before = looks.get(address);
    if (before?.look.at === at) return before.usage;
    if (state === undefined || state === null || state.status_code === stopped) {
      looks.delete(address);
      return {};
    }
    const look: Look = { at, cpu: state.cpu?.usage ?? 0, startedAt: state.started_at };
    const total = state.memory?.total ?? 0;
    const usage: Usage = defined({
      cpu: before === undefined ? undefined : rate(before.look, look),
      memory: state.memory?.usage,
      memoryLimit: total > 0 ? total : undefined,
    });
    looks.set(address, { look, usage });
    return usage;
  };
}

// --- internal ---

/** Incus' code of an instance that does not run. */
const stopped = 102;

/** Processors kept busy; undefined across a restart. */
function rate(before: Look, now: Look): number | undefined {
  const ms = now.at - before.at;
  if (before.startedAt !== now.startedAt || now.cpu < before.cpu || ms <= 0) return undefined;
  return Math.round(((now.cpu - before.cpu) / 1e6 / ms) * 1000) / 1000;
}
