// @ts-check
/** What test runs that were killed left among the temporary files. */
import fs from "node:fs";
import path from "node:path";
import { say } from "../setup/say.mjs";

/** Projects of tests, and floe's own copies of projects; each is named by the process that it is for. */
const FOLDER = /^floe-(?:project|check)-(\d+)-/;

/** @param {string} tmp the folder of temporary files */
export function removeLeftFolders(tmp) {
  const left = fs.readdirSync(tmp).filter((name) => {
    const pid = FOLDER.exec(name)?.[1];
    return pid !== undefined && !fs.existsSync(`/proc/${pid}`);
  });
  for (const name of left) fs.rmSync(path.join(tmp, name), { recursive: true, force: true });
  if (left.length > 0) say(`Removed ${left.length} folders of earlier test runs that were killed`);
}
