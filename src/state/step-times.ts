/** What the steps of earlier applies took, from their journals: the best guess at what they will take. */
import { join } from "node:path";
import { journalFiles, journalFolder, readEntries } from "./journal.ts";

/** Journals that are looked at, the newest. */
const looked = 20;

/** Milliseconds by subject (`SERVER/PROJECT/NAME`) and step; the last time counts. Never throws. */
export function readStepTimes(root: string): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const times = new Map<string, Record<string, number>>();
  const folder = journalFolder(root);
  for (const name of journalFiles(folder).slice(-looked)) {
    const begun = new Map<string, number>();
    for (const entry of readEntries(join(folder, name))) {
      if (entry.type === "intent") begun.set(`${entry.subject} ${entry.step}`, Date.parse(entry.at));
      if (entry.type !== "done") continue;
      const begin = begun.get(`${entry.subject} ${entry.step}`);
      const ms = begin === undefined ? Number.NaN : Date.parse(entry.at) - begin;
      if (ms >= 0) times.set(entry.subject, { ...times.get(entry.subject), [entry.step]: ms });
    }
  }
  return times;
}
