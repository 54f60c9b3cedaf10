/** floe's own folder in the project: can it be written, and does somebody hold the lock? */
import { join } from "node:path";
import { history } from "../state/journal.ts";
import { currentHolder } from "../state/lock.ts";
import { typedWord } from "../util/quote-word.ts";
import { type Finding, finding } from "./finding.ts";
import { isWritable } from "./writable.ts";

export async function checkProjectFolder(root: string): Promise<Finding[]> {
  const writable = checkWritable(root);
  // Its lock and its journal are for the user that it belongs to.
  return writable.status === "ok" ? [writable, checkLock(root), ...checkUnfinished(root)] : [writable];
}

function checkLock(root: string): Finding {
  const say = finding("project", "lock");
  const holder = currentHolder(root);
  if (holder === undefined) return say("ok", "no other floe is at work here");
  return say(
    "info",
    `Another floe is at work here: ${holder.verb} (process ${holder.pid} on ${holder.host}) since ${holder.since}`,
  );
}

/** An apply that was killed; with another floe at work the unfinished one is most likely its. */
function checkUnfinished(root: string): Finding[] {
  const [last] = currentHolder(root) === undefined ? history(root) : [];
  if (last === undefined || last.endedAt !== undefined) return [];
  return [
    finding("project", "unfinished")(
      "warn",
      `The last ${last.verb} (${last.startedAt}) was interrupted`,
      "floe apply finishes or undoes what it left half done",
    ),
  ];
}

function checkWritable(root: string): Finding {
  const say = finding("project", "folder");
  const folder = join(root, ".floe");
  return isWritable(folder)
    ? say("ok", ".floe is writable")
    : say("fail", `"${folder}" is not writable`, `sudo chown -R $USER ${typedWord(folder)}`);
}
