/** What is told of one job: kept for who looks later, and sent, some at a time, to who looks now. */
import type { FloeEvent } from "../../report/events.ts";
import type { JobDetails, JobProgress } from "../protocol.ts";

/** Events of one job that are kept. */
const maxEvents = 5000;
/** Events are sent together with what follows within this time. */
const gatherMs = 50;
/** A line of a build log is cut here. */
const maxLine = 4000;

export interface ToldEvents {
  note(event: FloeEvent): void;
  /** Sends at once what still waits. */
  flush(): void;
  /** What is kept, and how many before it are not. */
  told(): Pick<JobDetails, "events" | "dropped">;
}

export function tellEvents(send: (progress: Omit<JobProgress, "job">) => void): ToldEvents {
  const events: FloeEvent[] = [];
  let dropped = 0;
  let unsent = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (unsent === 0) return;
    const first = events.length - unsent;
    unsent = 0;
    send({ from: dropped + first, events: events.slice(first) });
  };
  return {
    note(event) {
      events.push(short(event));
      unsent += 1;
      if (events.length > maxEvents) {
        // Many at once: to shift each one takes its time.
        dropped += events.splice(0, maxEvents / 10).length;
        unsent = Math.min(unsent, events.length);
      }
      timer ??= setTimeout(flush, gatherMs);
    },
    flush,
    told: () => ({ events: [...events], dropped }),
  };
}

// --- internal ---

function short(event: FloeEvent): FloeEvent {
  return event.type === "build.log" && event.line.length > maxLine
    ? { ...event, line: `${event.line.slice(0, maxLine)}…` }
    : event;
}
