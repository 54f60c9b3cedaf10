/** Writes state where no file may grow beyond a few kilobytes (`ulimit -f`), as on a disk that is nearly full, and prints how it went. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { replaceFile } from "../../../src/state/atomic.ts";
import { openJournal } from "../../../src/state/journal.ts";
import { acquireLock } from "../../../src/state/lock.ts";

const root = process.argv[2] as string;
const attempt = (work: () => void): string => {
  try {
    work();
    return "ok";
  } catch (error) {
    return (error as Error).message.replace(/"[^"]*"/, "FILE");
  }
};
const file = path.join(root, "state.json");
const long = "x".repeat(100_000);
replaceFile(file, "old");
const replaced = attempt(() => replaceFile(file, long));
const journal = openJournal(acquireLock(root, "apply"), "apply", "home");
const steps = [
  attempt(() => journal.intent("web", "stop")),
  attempt(() => journal.done("web", "stop")),
  attempt(() => journal.intent("web", "rename", long)),
  attempt(() => journal.intent("db", "stop", long)),
  attempt(() => journal.change("web", "undone", long)),
  attempt(() => journal.end(4)),
];
process.stdout.write(
  JSON.stringify({ replaced, content: readFileSync(file, "utf8"), steps, problem: journal.problem?.message }),
);
