/** How long things took before, by name: the best guess at how long they will take now. A cache, which may always be lost. */
import { join } from "node:path";
import { durationOfBuild, durationOfStep } from "../report/duration-names.ts";
import type { FloeEvent } from "../report/events.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";

export interface Durations {
  /** Milliseconds, the middle one of the last times; undefined for what was never seen. `name` as `durationOfBuild` and `durationOfStep` make it. */
  estimate(name: string): number | undefined;
  /** Takes an event in: what ended well is remembered. */
  note(event: FloeEvent): void;
  /** Writes what is new. */
  save(): void;
}

export function openDurations(cacheDir: string): Durations {
  const file = join(cacheDir, "durations.json");
  const times = readTimes(file);
  const begun = new Map<string, number>();
  let isChanged = false;
  const remember = (name: string, ms: number): void => {
    const before = times.get(name) ?? [];
    // What was seen last is the last to be forgotten.
    times.delete(name);
    times.set(name, [...before, Math.round(ms)].slice(-kept));
    isChanged = true;
  };
  return {
    estimate(name) {
      const known = [...(times.get(name) ?? [])].sort((a, b) => a - b);
      return known[Math.floor(known.length / 2)];
    },
    note(event) {
      if (event.type === "build.start") begun.set(event.drv, event.at);
      if (event.type === "build.end" && event.ok) {
        const since = begun.get(event.drv);
        if (since !== undefined) remember(durationOfBuild(event.name), event.at - since);
      }
      if (event.type === "step.end" && event.ok) remember(durationOfStep(event.subject, event.step), event.ms);
    },
    save() {
      if (isChanged) writeCache(file, Object.fromEntries([...times].slice(-names)));
      isChanged = false;
    },
  };
}

// --- internal ---

/** Times of one name. */
const kept = 5;
/** Names that are remembered. */
const names = 2000;

function readTimes(file: string): Map<string, readonly number[]> {
  const found = readCache(file);
  const entries = isRecord(found) ? Object.entries(found) : [];
  return new Map(
    entries.flatMap(([name, times]) =>
      Array.isArray(times) && times.every((ms) => typeof ms === "number") ? [[name, times as number[]] as const] : [],
    ),
  );
}
