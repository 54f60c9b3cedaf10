/** From the journal of an apply to what became of each change, as its events told it where it ran. Pure. */
import type { FloeEvent } from "../../src/report/events.ts";
import type { JournalEntry } from "../../src/state/journal.ts";
import { jobViewOf, type SubjectView } from "./job-view.ts";

export function journalView(entries: readonly JournalEntry[]): readonly SubjectView[] {
  const begun = new Map<string, number>();
  return jobViewOf(entries.flatMap((entry) => eventOf(entry, begun) ?? [])).subjects;
}

// --- internal ---

/** `begun`: when each subject was begun, and the latest of each of its steps. */
function eventOf(entry: JournalEntry, begun: Map<string, number>): FloeEvent | undefined {
  const at = Date.parse(entry.at);
  const since = (key: string): number => at - (begun.get(key) ?? at);
  switch (entry.type) {
    case "intent": {
      const { type: _, ...told } = entry;
      begun.set(entry.subject, begun.get(entry.subject) ?? at);
      begun.set(`${entry.subject} ${entry.step}`, at);
      return { ...told, type: "step.start", at };
    }
    case "done":
    case "failed":
      return { ...entry, type: "step.end", at, ok: entry.type === "done", ms: since(`${entry.subject} ${entry.step}`) };
    case "change":
      return { ...entry, type: "change.end", at, ms: since(entry.subject) };
    case "begin":
    case "end":
      return undefined;
  }
}
